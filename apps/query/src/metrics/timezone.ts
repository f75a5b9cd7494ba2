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
