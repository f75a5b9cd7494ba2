/** How much of what somebody sent is quoted, in characters. */
const LONGEST_EXCERPT = 200

/** As much of a text as is quoted in errors and events. */
export function excerpt(text: string, longest = LONGEST_EXCERPT): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`
}

/** The first of some names, and how many more there are. */
export function namesList(names: readonly string[], most = 10): string {
  const listed = names
    .slice(0, most)
    .map(name => excerpt(name))
    .join(', ')
  return names.length > most ? `${listed} and ${names.length - most} more` : listed
}
