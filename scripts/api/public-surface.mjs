// What a package promises, read from its built declarations: each export of its index.d.ts, and the types that they need
// and that nobody can import. TypeScript 6 is used, since 7 has no compiler API.
import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

/**
 * Reads all packages in one program: they share their dependencies' declarations, which are most of the work.
 * @param {{ folder: string, manifest: { name: string } }[]} packages built ones.
 */
export function openSurfaces(packages) {
  const owners = packages.map(({ folder, manifest: { name } }) => ({
    name,
    dist: join(realpathSync(folder), 'dist') + sep,
  }));
  const entries = owners.map(({ dist }) => join(dist, 'index.d.ts'));
  const program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const ownerOf = (node) => owners.find(({ dist }) => node.getSourceFile().fileName.startsWith(dist))?.name;
  return owners.map(({ name }, index) => {
    const file = program.getSourceFile(entries[index]);
    if (!file) throw new Error(`${name} is not built: ${entries[index]} is not there.`);
    return { name, ...surfaceOf(name, checker.getSymbolAtLocation(file), { checker, ownerOf }) };
  });
}

/**
 * @returns {{ own: Named[], reexported: { name: string, from: string }[], hidden: Named[], leaks: string[] }} `hidden`: types of the
 * package that its exports mention without exporting them; `leaks`: those of another package that it does not export.
 */
function surfaceOf(owner, module, { checker, ownerOf }) {
  const exported = new Map(
    checker.getExportsOfModule(module).map((symbol) => [resolved(symbol, checker), symbol.getName()]),
  );
  const own = [];
  const reexported = [];
  for (const [symbol, name] of exported) {
    const from = ownerOf(symbol.declarations[0]);
    if (from === owner) own.push({ name, declarations: symbol.declarations });
    else reexported.push({ name, from: from ?? packageOf(symbol.declarations[0]) });
  }
  const hidden = new Map();
  const leaks = new Set();
  const queue = own.flatMap(({ declarations }) => declarations);
  for (const declaration of queue) {
    for (const symbol of mentioned(declaration, checker)) {
      if (exported.has(symbol) || hidden.has(symbol)) continue;
      const home = ownerOf(symbol.declarations[0]);
      if (home === undefined || isInside(symbol.declarations[0], queue)) continue;
      if (home !== owner) {
        if (reachedByPath(symbol, declaration)) leaks.add(`${symbol.getName()} of ${home}`);
        continue;
      }
      hidden.set(symbol, symbol.getName());
      queue.push(...symbol.declarations);
    }
  }
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  return {
    own: own.toSorted(byName),
    reexported: reexported.toSorted(byName),
    hidden: [...hidden].map(([{ declarations }, name]) => ({ name, declarations })).toSorted(byName),
    leaks: [...leaks].toSorted(),
  };
}

const resolved = (symbol, checker) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

/** Every top-level name that a declaration mentions. */
function mentioned(declaration, checker) {
  const found = new Set();
  const visit = (node) => {
    if (isPrivate(node)) return;
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const target = symbol && resolved(symbol, checker);
      if (target?.declarations?.some((one) => ts.isSourceFile(topLevel(one)?.parent ?? one))) found.add(target);
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

/** The statement that a top-level declaration is, or is the only part of. */
export function topLevel(declaration) {
  if (ts.isVariableDeclaration(declaration)) return declaration.parent.parent;
  return declaration.parent && ts.isSourceFile(declaration.parent) ? declaration : undefined;
}

/** Fields and methods that TypeScript keeps to the class. A private constructor says that nobody may call it: it stays. */
export function isPrivate(node) {
  if (ts.isConstructorDeclaration(node) || !ts.isClassElement(node)) return false;
  if (node.name && ts.isPrivateIdentifier(node.name)) return true;
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
}

const isInside = (node, declarations) =>
  declarations.some((other) => other === node || topLevel(other) === topLevel(node));

/** A mention of another package's file by its path, which the compiler writes where an inferred type is not exported. */
function reachedByPath(symbol, declaration) {
  const text = declaration.getText();
  return new RegExp(`import\\("\\.{1,2}/[^"]*"\\)\\.${symbol.getName()}\\b`).test(text);
}

/** `@scope/name` of a file in node_modules. */
function packageOf(node) {
  const path = node.getSourceFile().fileName.split('/node_modules/').at(-1).split('/');
  return path[0].startsWith('@') ? `${path[0]}/${path[1]}` : path[0];
}
