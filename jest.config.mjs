import { readFileSync } from 'node:fs'

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'))

const base = {
  testEnvironment: 'node',
  // CommonJS for the tests only: Jest's ESM mode fails on Node 20.
  transform: { '^.+\\.(t|j|mj)s$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'commonjs' } }] },
  // Dependencies that are published as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|cookie|uuid|content-disposition|temporal-[a-z]+|tinyqueue)/)'],
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^#dev$': '<rootDir>/dev/src/index.ts',
    // Threads run no TypeScript: they start from a copy that is compiled for the tests.
    '^\\./worker-file\\.js$': '<rootDir>/test/stack/worker-file.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.shiplog/', '<rootDir>/bench/peers/'],
}

export default {
  // End-to-end files have the embedded servers to themselves: dev/test.mjs runs that project in one process.
  maxWorkers: 2,
  // A bound for what hangs, not a measure: real servers on a busy machine take seconds for what mostly takes milliseconds.
  testTimeout: 60_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps,dev,test,bench}/**/*.spec.ts'] },
    { ...base, displayName: 'integration', testMatch: ['<rootDir>/{libs,apps,dev}/**/*.int-spec.ts'] },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
  ],
}
