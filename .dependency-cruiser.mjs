// Dependencies point down only (the architecture page says why). `npm run boundaries` checks it.

const test = '\\.(int-|e2e-)?spec\\.ts$'
const otherLib = allowed => `^libs/(?!(?:${['$1', 'failpoint', ...allowed].join('|')})/)`

/** One lib and the libs that it may know. */
const lib = (name, allowed) => ({
  name: `${name}-knows-${allowed.join('-') || 'no-lib'}`,
  severity: 'error',
  from: { path: `^libs/(${name})/` },
  to: { path: otherLib(allowed) },
})

const forbid = (name, from, to) => ({ name, severity: 'error', from, to })

export default {
  forbidden: [
    forbid('no-cycle', {}, { circular: true }),
    forbid('resolvable', {}, { couldNotResolve: true }),

    // Every lib may know the failpoints, which know no lib.
    forbid('failpoint-knows-no-lib', { path: '^libs/failpoint/' }, { path: '^libs/(?!failpoint/)' }),
    lib('contracts', []),
    lib('domain', ['contracts']),
    lib('event-log', ['contracts']),
    lib('log-consumer', ['contracts', 'event-log']),
    lib('api', ['contracts']),
    lib('api-client', []),
    lib('auth', ['contracts']),
    lib('read-models', ['contracts', 'domain', 'api', 'postgres']),
    lib('ledger', ['domain', 'contracts', 'event-log', 'postgres']),
    lib('postgres', []),
    lib('http', ['contracts', 'auth', 'operations']),
    lib('operations', ['contracts']),
    lib('secrets', ['contracts']),
    lib('worker-pool', []),
    lib('key-schemas', ['contracts', 'worker-pool']),
    // A new lib says here what it may know.
    forbid(
      'every-lib-has-a-rule',
      {
        path: '^libs/(?!(?:contracts|domain|event-log|log-consumer|read-models|ledger|http|operations|failpoint|secrets|key-schemas|api|api-client|auth|postgres|worker-pool)/)',
      },
      { path: '^libs/' },
    ),
    forbid('domain-is-pure', { path: '^libs/domain/', pathNot: test }, { pathNot: '^libs/(domain|contracts)/' }),

    forbid(
      'a-lib-is-entered-by-its-index',
      { path: '^libs/([^/]+)/' },
      { path: '^libs/(?!$1/)[^/]+/(?!src/index\\.ts$)' },
    ),
    forbid('a-lib-is-entered-by-its-index', { pathNot: '^libs/' }, { path: '^libs/[^/]+/(?!src/index\\.ts$)' }),
    forbid(
      'a-lib-is-called-by-its-name',
      { path: '^libs/([^/]+)/' },
      { path: '^libs/(?!$1/)', dependencyTypesNot: ['aliased'] },
    ),
    forbid('a-lib-is-called-by-its-name', { pathNot: '^libs/' }, { path: '^libs/', dependencyTypesNot: ['aliased'] }),

    forbid(
      'api-client-is-for-clients',
      { path: '^(apps/(?!dashboard/|cli/)|libs/(?!api-client/))', pathNot: test },
      { path: '^libs/api-client/' },
    ),
    forbid('libs-know-no-app', { path: '^libs/' }, { path: '^apps/' }),
    forbid('apps-know-no-other-app', { path: '^apps/(?!standalone/)([^/]+)/' }, { path: '^apps/(?!$1/)' }),
    forbid(
      'standalone-is-command-projector-and-query',
      { path: '^apps/standalone/' },
      { path: '^apps/(?!(?:standalone|command|projector|query)/)' },
    ),
    forbid('admin-decides-nothing', { path: '^apps/admin/' }, { path: '^libs/(domain|secrets|http)/' }),

    forbid(
      'production-knows-no-dev-test-bench',
      { path: '^(apps|libs)/', pathNot: test },
      { path: '^(dev|test|bench)/' },
    ),
    forbid('specs-and-bench-alone-use-test', { pathNot: `${test}|^(test|bench)/` }, { path: '^test/' }),
    forbid('test-is-called-by-its-name', { pathNot: '^test/' }, { path: '^test/', dependencyTypesNot: ['aliased'] }),
    forbid('tests-of-production-use-test-only', { path: `^(apps|libs)/.*${test}` }, { path: '^(dev|bench)/' }),
    forbid(
      'production-has-its-packages',
      { path: '^(apps|libs)/', pathNot: test },
      // Types alone are gone once it is compiled.
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),

    // What runs in a thread loads nothing of the product: no settings, no secrets, no connections.
    forbid(
      'threads-know-their-checks-only',
      { path: '^libs/key-schemas/src/(worker|glob|prepare|interpret|keywords|linear-regexp|text)\\.ts$' },
      { path: '^(libs|apps)/(?!key-schemas/)', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'threads-know-files-only',
      { path: '^apps/command/src/configuration/file/', pathNot: `${test}|/configuration-files\\.ts$` },
      { path: '^(libs/(?!contracts/)|apps/(?!command/src/configuration/file/))', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'kafkajs-in-event-log-only',
      { pathNot: '^libs/event-log/|^test/independent/' },
      { path: '^node_modules/kafkajs/' },
    ),
    forbid(
      'independent-readers-are-independent',
      { path: '^test/independent/' },
      { path: '^(libs|apps|dev|bench|test/(?!independent/))' },
    ),
    forbid(
      'nest-in-apps-only',
      { pathNot: '^apps/|^libs/http/|^test/kit/apps/|\\.module\\.ts$' },
      { path: '^node_modules/@nestjs/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/|^bench/peers/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
