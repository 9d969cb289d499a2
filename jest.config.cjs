const swc = [
  '@swc/jest',
  { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // The control plane's tests need Go and minutes: `npm run e2e`.
  testPathIgnorePatterns: ['<rootDir>/test/e2e/'],
  // Tests of the examples run against the sources, whatever is built.
  moduleNameMapper: { '^slipway$': '<rootDir>/src/index.ts' },
  transform: { '^.+\\.ts$': swc, 'node_modules/@marcbachmann/.+\\.js$': swc },
  transformIgnorePatterns: ['node_modules/(?!@marcbachmann/)'],
  setupFiles: ['<rootDir>/test/property-seed.ts'],
  maxWorkers: 2,
  // A test that waits for another program may stand still for seconds on a busy machine; jest's own limit is 5 s.
  testTimeout: 120_000,
};
