// What may be lost when the machine stops costs no waiting: the data goes after the run.
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off' }

/**
 * What each command runs, on servers of its own.
 * - `checks`: whether the static checks belong to it
 * - `runs`: one of Jest each, with projects of jest.config.mjs, by so many workers
 * - `postgres`: settings of the server that most of its files share
 * - `limitMinutes`: how long it may take on two processors
 */
export const tiers = {
  test: {
    checks: true,
    runs: [
      { name: 'unit and integration', projects: ['unit', 'integration'], workers: 2 },
      { name: 'api', projects: ['api'], workers: 2 },
    ],
    postgres: NOT_DURABLE,
    limitMinutes: 6,
  },
  chaos: {
    checks: false,
    // Its files kill processes and look at what the servers hold: one at a time.
    runs: [{ name: 'chaos', projects: ['chaos'], workers: 1 }],
    postgres: {},
    limitMinutes: 6,
  },
  full: {
    checks: false,
    runs: [{ name: 'full', projects: ['full'], workers: 2 }],
    postgres: NOT_DURABLE,
    limitMinutes: 11,
  },
}
