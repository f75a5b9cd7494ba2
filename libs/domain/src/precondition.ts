import { refuse, type Rejection, type WantedRevision } from '#libs/contracts'

/**
 * Refuses what has another revision than is asked for.
 *
 * @param subject what it is of, as a sentence begins
 * @param actual 0: it is not there
 */
export function unmatchedRevision(subject: string, actual: number, wanted: WantedRevision): Rejection | undefined {
  if (wanted === '*' ? actual > 0 : wanted.includes(actual)) return undefined
  const found = actual === 0 ? 'is not there' : `has revision ${actual}`
  const asked = wanted === '*' ? 'it must be' : askedFor(wanted)
  return refuse('precondition-failed', `${subject} ${found}, but ${asked}: read it again and decide anew`, {
    details: { revision: actual },
  })
}

function askedFor(revisions: readonly number[]): string {
  if (revisions.includes(0)) return 'it must not be there'
  return revisions.length > 0
    ? `revision ${revisions.join(' or ')} is asked for`
    : 'a revision that it never has is asked for'
}
