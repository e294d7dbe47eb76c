// Every extension is written against what anybody can import, also those that live in the framework's own packages: such a
// file, with the helpers that only extensions use, could be moved into a plugin as it is. Of the rest of its package it takes
// what the package exports; and nothing in the package but the index knows the extension.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const KINDS = 'Teacher|AlignmentLoss|TargetLayers|Trigger|Metric|Student|Dataset|Sampler|Optimizer|Logger|Backend';
const DEFINES = new RegExp(`= define(?:${KINDS})\\(`);
const IMPORT = /^(import|export) (?:type )?(?:(\{[^}]*\})|[^'{]*?)\s*(?:from )?'(\.[^']+)'/gm;
/** A file named in the text: what is imported late, or run by a thread. */
const NAMED = /'(\.[^']+\.js)'/g;
/** Its extensions are fakes, for its own checks. */
const FAKES = 'packages/testkit/';

/**
 * @param sources of one package: paths from `root`, tests left out. A package that is a plugin itself is its own world.
 * @returns {{ rule: string, from: string, to: string, comment: string }[]}
 */
export function extensionFaults(root, sources) {
  const modules = new Map(sources.map((path) => [path, readModule(root, path)]));
  const index = [...modules.keys()].find((path) => /^[^/]+\/[^/]+\/src\/index\.ts$/.test(path));
  if (!index || index.startsWith(FAKES) || modules.get(index).text.includes('definePlugin(')) return [];
  const extensions = [...modules].filter(([, { text }]) => DEFINES.test(text)).map(([path]) => path);
  const exported = new Set(
    modules.get(index).imports.flatMap(({ target, names }) => names.map((name) => `${target} ${name}`)),
  );
  /** What a module takes of its package that the package does not export. */
  const privates = (path) =>
    modules
      .get(path)
      .imports.filter(({ target }) => modules.has(target))
      .flatMap(({ target, names }) => names.map((name) => ({ target, name })))
      .filter(({ target, name }) => !exported.has(`${target} ${name}`));
  const others = (own) => [...modules.keys()].filter((path) => path !== index && !own.has(path));
  const known = others(new Set(extensions)).flatMap((path) => {
    const targets = new Set(modules.get(path).imports.map(({ target }) => target));
    return extensions.filter((target) => targets.has(target)).map((target) => fault('known', path, target));
  });
  const own = ownModules(modules, extensions, others);
  const walked = new Set(extensions);
  for (const path of walked) for (const { target } of privates(path)) if (own.has(target)) walked.add(target);
  const reached = [...walked].flatMap((path) =>
    privates(path)
      .filter(({ target }) => !own.has(target))
      .map(({ target, name }) => fault('public', path, `${name} of ${target}`)),
  );
  return [...known, ...reached];
}

const fault = (rule, from, to) => ({ rule: `extension-${rule}`, from, to, comment: COMMENTS[rule] });
const COMMENTS = {
  known: 'nothing but the index of its package imports an extension: the framework knows extensions by their contracts',
  public: 'an extension takes of the framework what its package exports, as a plugin of a third party would',
};

/** The extensions with what nothing but they and these helpers import. */
function ownModules(modules, extensions, others) {
  const taken = new Set();
  for (;;) {
    const own = new Set(extensions);
    for (const path of own) {
      for (const { target } of modules.get(path).imports)
        if (modules.has(target) && !taken.has(target)) own.add(target);
    }
    const more = others(own)
      .flatMap((path) => modules.get(path).imports.map(({ target }) => target))
      .filter((target) => own.has(target) && !extensions.includes(target));
    if (more.length === 0) return own;
    for (const target of more) taken.add(target);
  }
}

function readModule(root, path) {
  const text = readFileSync(join(root, path), 'utf8');
  const resolve = (specifier) => normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts');
  const stated = [...text.matchAll(IMPORT)].map(([, , names, specifier]) => ({
    target: resolve(specifier),
    names: (names ?? '{*}')
      .replace(/[{}\s]|\btype /g, ' ')
      .split(',')
      .map((name) => name.trim().split(' ')[0])
      .filter(Boolean),
  }));
  const named = [...text.matchAll(NAMED)].map(([, specifier]) => ({ target: resolve(specifier), names: [] }));
  return { text, imports: [...stated, ...named] };
}
