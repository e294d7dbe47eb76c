// Jest has a process for each core. OpenMP's threads beyond that wait for each other busily, and take a step from a hundredth of
// a second to one. Tests of threads ask for them.
process.env.OMP_NUM_THREADS ??= '1';

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/{packages,plugins,test,examples,bench}/**/*.test.ts'],
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^#support/(.*)\\.js$': '<rootDir>/test/support/$1.ts',
    // Big enough to be a package; every other backend is a plugin.
    '^@hastejs/(backend-torch)$': '<rootDir>/packages/$1/src/index.ts',
    '^@hastejs/(backend-.+|teacher-.+|loss-.+|layers|trigger-.+|metric-.+)$': '<rootDir>/plugins/$1/src/index.ts',
    '^@hastejs/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
  },
  modulePathIgnorePatterns: [
    '<rootDir>/.haste/',
    '<rootDir>/.*/dist/',
    '<rootDir>/.haste/',
    '<rootDir>/test/boundaries/fixtures/',
  ],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/boundaries/fixtures/', '/create-plugin/templates/'],
  reporters: ['default', '<rootDir>/test/support/summary-reporter.cjs'],
  maxWorkers: 2,
  testTimeout: 30_000,
};
