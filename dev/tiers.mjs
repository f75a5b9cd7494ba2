// Nothing needs to survive a crash of the machine: the data is removed after the run.
const NOT_DURABLE = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
}

// A broker that lives for minutes: compiling it thoroughly costs more than it saves, and so do several threads that collect garbage.
const SHORT_LIVED_JAVA = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'

/**
 * What each command runs, on its own servers.
 * - `checks`: whether it includes the static checks
 * - `projects`: of jest.config.mjs, in one run of Jest
 * - `workers`: number of test files that run at the same time
 * - `postgres`: settings of the server that most test files share
 * - `java`: options of every Kafka broker
 * - `environment`: variables for Jest
 * - `limitMinutes`: limit of its duration on two processors
 */
export const tiers = {
  test: {
    checks: true,
    projects: ['unit', 'integration', 'api'],
    // Twice as many as processors, since a test waits for servers half of its time.
    workers: 4,
    postgres: NOT_DURABLE,
    java: SHORT_LIVED_JAVA,
    limitMinutes: 6,
  },
  chaos: {
    checks: false,
    projects: ['chaos'],
    // Its files kill processes and check the contents of the servers.
    workers: 1,
    postgres: {},
    limitMinutes: 6,
  },
  full: {
    checks: false,
    projects: ['full'],
    workers: 2,
    postgres: NOT_DURABLE,
    environment: { SHIPLOG_ALL_RUNS: '1' },
    limitMinutes: 11,
  },
}
