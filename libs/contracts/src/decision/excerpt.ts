/** Limit of a quoted input, in characters. */
const LONGEST_EXCERPT = 200

/** Truncates a text for errors and events. */
export function excerpt(text: string, longest = LONGEST_EXCERPT): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`
}

/** A list of names for a message: the first ones, and the number of the others. */
export function namesList(names: readonly string[], most = 10): string {
  const listed = names
    .slice(0, most)
    .map(name => excerpt(name))
    .join(', ')
  return names.length > most ? `${listed} and ${names.length - most} more` : listed
}
