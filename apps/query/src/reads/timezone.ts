import { parameterProblem } from '#libs/http'

// ICU, behind Intl, also accepts names that are not IANA's: abbreviations of three letters, as some IANA names are, and SystemV/*.
const shortNames = ['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC', 'WET']
const foreign = (name: string) =>
  /^SystemV\//i.test(name) || (/^[a-z]{3}$/i.test(name) && !shortNames.includes(name.toUpperCase()))

/**
 * The name of a time zone in both ICU and Postgres; `undefined` if IANA has no zone of that name. Postgres would treat some IANA names
 * (`CET`) as abbreviations without daylight saving time.
 */
export function canonicalTimezone(name: string): string | undefined {
  if (foreign(name) || !/^[a-z]/i.test(name)) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** The requested time zone by its name in Postgres; throws a 400 for an unknown one. */
export function timezoneOf({ timezone }: { timezone: string }): string {
  const known = canonicalTimezone(timezone)
  if (known === undefined) {
    throw parameterProblem([{ parameter: 'timezone', detail: 'must be an IANA time zone, such as Europe/Vienna' }])
  }
  return known
}
