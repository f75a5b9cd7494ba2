import { parameterProblem } from '#libs/http'

// What ICU, behind Intl, knows beside the names of IANA: old abbreviations, of three letters as some of IANA's are, and a region of its own.
const shortNames = ['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC', 'WET']
const foreign = (name: string) =>
  /^SystemV\//i.test(name) || (/^[a-z]{3}$/i.test(name) && !shortNames.includes(name.toUpperCase()))

/**
 * The name by which ICU and Postgres both know a time zone; `undefined` where IANA has none of that name. Postgres would take some of IANA's
 * (`CET`) for abbreviations, which know no summer.
 */
export function canonicalTimezone(name: string): string | undefined {
  if (foreign(name) || !/^[a-z]/i.test(name)) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** The time zone that a query asks for, as Postgres knows it; 400 where there is none. */
export function timezoneOf({ timezone }: { timezone: string }): string {
  const known = canonicalTimezone(timezone)
  if (known === undefined) {
    throw parameterProblem([
      { parameter: 'timezone', detail: 'must be the IANA name of a time zone, such as Europe/Vienna' },
    ])
  }
  return known
}
