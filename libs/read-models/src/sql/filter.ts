/** A value that is requested, or several, of which any matches. */
export type OneOrMore = string | readonly string[]

/** The distinct values of a filter; `undefined` without one. */
export function valuesOf(filter: OneOrMore | undefined): string[] | undefined {
  if (filter === undefined) return undefined
  return [...new Set(typeof filter === 'string' ? [filter] : filter)]
}

/** The same, but a single value as such: it is read as it always was. */
export function simplified<Filter extends OneOrMore | undefined>(filter: Filter): string | string[] | undefined {
  const values = valuesOf(filter)
  return values?.length === 1 ? values[0] : values
}

/** SQL: whether `column` is the requested application, or one of them; by the parameters of `applicationValues`. */
export function isApplicationSql(column: string, filter: OneOrMore | undefined): string | undefined {
  const application = simplified(filter)
  if (application === undefined) return undefined
  return typeof application === 'string' ? `${column} = $application` : `${column} = ANY ($applications)`
}

export function applicationValues(filter: OneOrMore | undefined): { application?: string; applications?: string[] } {
  const application = simplified(filter)
  return typeof application === 'string' ? { application } : { applications: application }
}
