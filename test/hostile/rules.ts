import type { HostileCase, HostileStep } from './hostile-case.js'
import { config, keyed, list, long, set } from './steps.js'

// Rules and configurations of a tenant that cost more than they may, each in several shapes.

const freezes = (body: unknown, ...statuses: number[]): HostileStep => ({
  method: 'PUT',
  path: `${config}/pipeline/freezes`,
  body,
  statuses,
})
const cron = (pattern: string, n: number, timezone = 'Europe/Vienna') => ({
  name: `freeze ${n}`,
  cron: pattern,
  duration: 'PT1H',
  timezone,
})
const deployed: HostileStep = {
  method: 'POST',
  path: '/platform/deployments',
  body: { environment: 'production', imageTag: 'v1' },
  statuses: [201],
}
const rules: HostileCase[] = [
  {
    name: 'ten thousand freezes',
    requests: [
      freezes(
        list(10_000, n => cron('0 0 * * *', n)),
        400,
      ),
    ],
  },
  {
    name: 'freezes that never begin',
    requests: [
      freezes(
        list(50, n => cron(`${n} 0 30 2 *`, n)),
        422,
      ),
    ],
  },
  {
    name: 'freezes that hardly ever begin',
    requests: [
      freezes(
        list(50, n => cron(`${n} 0 29 2 +MON`, n)),
        200,
      ),
      deployed,
    ],
  },
  {
    name: 'freezes that begin each minute',
    requests: [
      freezes(
        list(50, n => cron('* * * * *', n)),
        200,
      ),
      { ...deployed, times: 20 },
    ],
  },
  {
    name: 'more freezes that recur than may',
    requests: [
      freezes(
        list(200, n => cron('0 0 * * *', n)),
        422,
      ),
    ],
  },
  { name: 'a cron of commas', requests: [freezes([cron(`${','.repeat(100)} * * * *`, 1)], 422)] },
  { name: 'a cron that is too long', requests: [freezes([cron(`${'1,'.repeat(500)}1 * * * *`, 1)], 400)] },
  { name: 'a time zone that is none', requests: [freezes([cron('0 0 * * *', 1, 'Mars/Olympus'.repeat(5))], 422)] },
  {
    name: 'durations of digits',
    requests: [freezes([{ ...cron('0 0 * * *', 1), duration: `P${'9'.repeat(31)}D` }], 400)],
  },
  {
    name: 'a pipeline of a thousand environments',
    requests: [
      {
        method: 'PUT',
        path: `${config}/pipeline`,
        body: { environments: list(1000, n => ({ name: `${n}` })) },
        statuses: [400],
      },
    ],
  },
  {
    name: 'a pipeline of names that are all the same',
    requests: [
      {
        method: 'PUT',
        path: `${config}/pipeline`,
        body: { environments: list(64, () => ({ name: 'a', aliases: list(16, () => 'a') })) },
        statuses: [422],
      },
    ],
  },
]

const bodies: HostileCase[] = [
  {
    name: 'many faults below a long key',
    requests: [
      {
        method: 'PATCH',
        path: `${config}/environments/staging/flags`,
        body: { set: { [long(500_000)]: { rules: list(5000, () => 1) } } },
        statuses: [400],
      },
    ],
  },
  {
    name: 'a member with a long name',
    requests: [{ method: 'POST', path: '/platform/deployments', body: { [long(900_000)]: 1 }, statuses: [400] }],
  },
  {
    name: 'ten thousand masks',
    requests: [
      {
        method: 'PUT',
        path: `${config}/environments/staging/configurations`,
        headers: { 'Content-Type': 'application/json' },
        body: keyed(10_000, n => [`${long(60)}${n}`, '********']),
        statuses: [422],
      },
    ],
  },
  {
    name: 'an environment without end',
    requests: list(4, n => ({
      ...set(keyed(3000, k => [`${n}.${k}`, long(1000)])),
      statuses: n < 1 ? [200] : [200, 422],
    })),
  },
]

/** Each is answered in time, with a problem that names the place or within its budget, while others are served. */
export const hostileRules: HostileCase[] = [...rules, ...bodies]
