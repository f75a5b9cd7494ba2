import { readFileSync } from 'node:fs'

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'))

const base = {
  testEnvironment: '<rootDir>/test/jest/environment.mjs',
  runtime: '<rootDir>/test/jest/runtime.mjs',
  // CommonJS for the tests only: Jest's ESM mode fails on Node 20.
  transform: { '^.+\\.(t|j|mj)s$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'commonjs' } }] },
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^#dev$': '<rootDir>/dev/src/index.ts',
    '^#test/(.*)$': '<rootDir>/test/$1',
    // Threads run no TypeScript: they start from a copy that is compiled for the tests.
    '^\\./worker-file\\.js$': '<rootDir>/test/kit/worker-file.ts',
    '^\\./file-worker\\.js$': '<rootDir>/test/kit/file-worker.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.shiplog/', '<rootDir>/bench/peers/'],
}

const project = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  ...base,
  displayName,
  testMatch: testMatch.map(pattern => `<rootDir>/${pattern}`),
  testPathIgnorePatterns: testPathIgnorePatterns.map(path => `<rootDir>/${path}`),
})

// `npm test` makes a third of their runs (`runs` of #test/kit), and `npm run test:full` all.
const generated = [
  'libs/read-models/**/{any-order,any-changes,intervals,past,projection,rollup,superseded}.int-spec.ts',
  'test/api/any-history/{any-order,any-moment}.e2e-spec.ts',
  'test/hostile/large-files.e2e-spec.ts',
]

// Requests of the hostile corpus belong to the fast tier; thousands of mutations of them do not.
const mutations = 'test/hostile/mutations.e2e-spec.ts'

export default {
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/jest/sequencer.mjs',
  // A bound for what hangs, not a measure: real servers on a busy machine take seconds for what mostly takes milliseconds.
  testTimeout: 60_000,
  projects: [
    project('unit', ['{libs,apps,dev,test,bench}/**/*.spec.ts'], ['test/full/']),
    {
      ...project('integration', ['{libs,apps,dev}/**/*.int-spec.ts']),
      setupFilesAfterEnv: ['<rootDir>/test/specs/golden-names.ts'],
    },
    project('api', ['test/**/*.e2e-spec.ts'], ['test/chaos/', 'test/full/', mutations]),
    project('chaos', ['test/chaos/**/*.e2e-spec.ts', mutations]),
    project('full', ['test/full/**/*spec.ts', ...generated]),
  ],
}
