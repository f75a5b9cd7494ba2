import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Json } from '#libs/contracts'
import { describeWith, realFile } from './real-data.js'

/** The configuration of GOV.UK on one day. */
export interface Snapshot {
  at: string
  environments: Record<'integration' | 'staging' | 'production', Record<string, Json>>
}

const file = (day: string) => realFile(`govuk-config-${day}.json.gz`)
const days = ['2024-06-30', '2025-06-30'] as const

/** Describes tests of the real configurations; without them, they are skipped. */
export const describeConfigurations = describeWith(days.map(file))

/** The real configuration on a day: about 2,000 keys an environment. */
export function realConfiguration(day: (typeof days)[number]): Snapshot {
  return JSON.parse(gunzipSync(readFileSync(file(day))).toString()) as Snapshot
}

type Keys = Record<string, Json>

/** A diff, recomputed key by key. */
export function plainDiff(source: Keys, target: Keys) {
  const keys = [...new Set([...Object.keys(source), ...Object.keys(target)])].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  const has = (held: Keys, key: string) => Object.hasOwn(held, key)
  const both = keys.filter(key => has(source, key) && has(target, key))
  const same = both.filter(key => sorted(source[key]!) === sorted(target[key]!))
  return {
    added: keys.filter(key => !has(target, key)).map(key => ({ key, value: source[key] })),
    modified: both
      .filter(key => !same.includes(key))
      .map(key => ({ key, sourceValue: source[key], targetValue: target[key] })),
    removed: keys.filter(key => !has(source, key)).map(key => ({ key, value: target[key] })),
    unchanged: same.length,
  }
}

// Independent of the product's own canonical form.
function sorted(value: Json): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
