// A package's public surface as the text that is committed and compared.
import ts from 'typescript';
import { isPrivate, topLevel } from './public-surface.mjs';

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** Markdown of one package. Comments are left out, so that better words are no change of the API; `@deprecated` stays. */
export function surfaceText({ name, own, reexported, hidden }) {
  const hiddenText =
    hidden.length === 0
      ? []
      : [
          '## Needed by the above, not exported',
          'They cannot be imported, and yet a change of them changes what is above.',
          fence(hidden),
        ];
  return [
    `# ${name}`,
    'What this package promises (docs/stability.md). Written by `npm run api`.',
    ...(own.length > 0 ? [fence(own)] : []),
    ...(reexported.length > 0 ? ['## From other packages', list(reexported)] : []),
    ...hiddenText,
    '',
  ].join('\n\n');
}

const fence = (all) =>
  ['```ts', all.map((one) => one.declarations.map((d) => text(one.name, d)).join('\n')).join('\n\n'), '```'].join('\n');

function list(reexported) {
  const sources = [...new Set(reexported.map(({ from }) => from))].toSorted();
  const namesOf = (source) => reexported.filter(({ from }) => from === source).map(({ name }) => `\`${name}\``);
  return sources.map((source) => `- \`${source}\`: ${namesOf(source).join(', ')}`).join('\n');
}

/** One declaration by the name that it is exported under. */
function text(name, declaration) {
  const statement = topLevel(declaration) ?? declaration;
  const printed = printer
    .printNode(ts.EmitHint.Unspecified, withoutPrivates(statement), statement.getSourceFile())
    .replace(/^(export )?(default )?(declare )?/, '');
  const own = declaration.name?.getText() ?? name;
  const alias = name === own ? '' : name === 'default' ? '// the default export\n' : `// exported as ${name}\n`;
  const deprecated = ts.getJSDocDeprecatedTag(declaration);
  const note = deprecated
    ? `// @deprecated ${ts.getTextOfJSDocComment(deprecated.comment) ?? ''}`.trimEnd() + '\n'
    : '';
  return `${note}${alias}${printed}`;
}

function withoutPrivates(statement) {
  if (!ts.isClassDeclaration(statement)) return statement;
  const { modifiers, name, typeParameters, heritageClauses, members } = statement;
  return ts.factory.updateClassDeclaration(
    statement,
    modifiers,
    name,
    typeParameters,
    heritageClauses,
    members.filter((member) => !isPrivate(member)),
  );
}
