// Who may import whom. `npm run boundaries` checks it (scripts/check-boundaries.mjs), and test/boundaries/fixtures holds
// one tree for each rule that must turn it red.

const LIBRARIES = ['tensor', 'plugin-api', 'features', 'models', 'diffusion', 'data', 'core'];
const BUILT_IN = [...LIBRARIES, 'weights', 'encoders', 'trainer', 'evaluation', 'backend-torch', 'plugins'];

/** Packages of this repository that a package's own code may import. Its tests may import any. */
const ARROWS = {
  tensor: [],
  'plugin-api': ['tensor'],
  models: ['tensor', 'plugin-api'],
  features: ['tensor', 'plugin-api'],
  weights: ['tensor', 'plugin-api'],
  encoders: ['tensor', 'plugin-api', 'models', 'weights'],
  diffusion: ['tensor', 'plugin-api'],
  data: ['tensor', 'plugin-api'],
  core: ['tensor', 'plugin-api'],
  evaluation: ['tensor', 'plugin-api', 'models'],
  'backend-torch': ['tensor', 'plugin-api'],
  // Nothing of ours: `npm create` downloads it to write a dozen files.
  'create-plugin': [],
  trainer: LIBRARIES,
  testkit: [...LIBRARIES, 'trainer', 'backend-cpu'],
  haste: BUILT_IN,
  cli: [...BUILT_IN, 'haste'],
};

const TESTS = '\\.test\\.ts$';
/** A name, `plugins` for all of them, or `backend-cpu`, the one plugin that the testkit computes on. */
const folderOf = (name) =>
  name === 'plugins' ? '^plugins/' : name === 'backend-cpu' ? '^plugins/backend-cpu/' : `^packages/${name}/`;

const arrows = Object.entries(ARROWS).map(([name, allowed]) => ({
  name: `arrow-${name}`,
  comment: `${name} may import ${allowed.join(', ') || 'no package of this repository'}: see docs/design.md`,
  severity: 'error',
  from: { path: `${folderOf(name)}src/`, pathNot: TESTS },
  to: { path: '^(packages|plugins)/', pathNot: [name, ...allowed].map(folderOf) },
}));

const rules = [
  {
    name: 'arrow-unknown',
    comment: 'a package must have its arrows: add it to ARROWS',
    from: { path: '^packages/', pathNot: Object.keys(ARROWS).map(folderOf) },
    to: {},
  },
  {
    name: 'arrow-plugin',
    comment:
      'plugins import tensor, plugin-api, models, weights, encoders, features and evaluation only, and never each other',
    from: { path: '^plugins/([^/]+)/src/', pathNot: TESTS },
    to: {
      path: '^(packages|plugins)/',
      pathNot: ['^plugins/$1/', '^packages/(tensor|plugin-api|models|weights|encoders|features|evaluation)/'],
    },
  },
  {
    name: 'by-name',
    comment: 'another package is imported by its name, never by a path into its files',
    from: { path: '^(packages|plugins)/([^/]+)/' },
    to: { path: '^(packages|plugins)/', pathNot: '^$1/$2/', dependencyTypesNot: ['aliased'] },
  },
  {
    name: 'no-test-code',
    comment: 'what is shipped does not import tests or their helpers',
    from: { path: '^(packages|plugins)/', pathNot: TESTS },
    to: { path: `^test/|${TESTS}` },
  },
  {
    name: 'one-container',
    comment: 'tsyringe is known to packages/core/src/container.ts alone',
    from: { pathNot: '^packages/core/src/container\\.ts$' },
    to: { path: '(^|/)node_modules/tsyringe/' },
  },
  {
    name: 'one-door',
    comment:
      'TensorFlow.js, which registers things when imported, is known to packages/tensor/src/tf.ts and to the backends',
    from: { pathNot: ['^packages/tensor/src/tf\\.ts$', '^(plugins|packages)/backend-[^/]+/', '(^|/)node_modules/'] },
    to: { path: '(^|/)node_modules/@tensorflow/|/tfjs-gradients\\.' },
  },
  {
    name: 'declared',
    comment: 'a package that is imported is in the dependencies of the package.json beside',
    from: { path: '^(packages|plugins)/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], pathNot: '^(packages|plugins)/' },
  },
  {
    name: 'found',
    comment: 'every import leads to a file',
    from: { path: '^(packages|plugins)/' },
    to: { couldNotResolve: true },
  },
  {
    name: 'no-cycles',
    comment: 'modules do not import each other in circles, not even for types',
    from: { path: '^(packages|plugins)/' },
    to: { circular: true },
  },
];

module.exports = {
  forbidden: [...arrows, ...rules.map((rule) => ({ severity: 'error', ...rule }))],
  options: {
    // Packages of their own, which are installed and compiled by test/create-plugin.
    exclude: { path: '^packages/create-plugin/templates/' },
    doNotFollow: { path: ['(^|/)node_modules/', '(^|/)dist/'] },
    // Types are arrows, too.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
  },
};
