const RFC3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/**
 * Parses an RFC 3339 instant: full date, full time and zone. Fractions are truncated to milliseconds. `undefined` for anything else: no
 * zone, 30 February, week dates, leap seconds, years outside 0001-9999.
 */
export function parseInstant(text: string): Date | undefined {
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const [, year, month, day] = match
  // Date turns 30 February into 1 or 2 March, so the day differs.
  const calendar = new Date(`${year}-${month}-${day}T00:00:00Z`)
  if (calendar.getUTCDate() !== Number(day)) return undefined
  const milliseconds = (match[5] ?? '').slice(0, 4)
  const instant = new Date(text.toUpperCase().replace(match[5] ?? '.none', milliseconds === '.' ? '' : milliseconds))
  const utcYear = instant.getUTCFullYear()
  return Number.isNaN(instant.getTime()) || utcYear < 1 || utcYear > 9999 ? undefined : instant
}

/** Formats an instant in UTC, with milliseconds only if they are not zero: `2026-02-12T10:00:00Z`. */
export function formatInstant(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z')
}

/** The canonical form of a valid instant. Throws a RangeError for anything else. */
export function normalizeInstant(text: string): string {
  const instant = parseInstant(text)
  if (!instant) throw new RangeError(`not an RFC 3339 instant: ${text}`)
  return formatInstant(instant)
}
