import { refuse, type Rejection, type WantedRevision } from '#libs/contracts'

/**
 * Rejects a command whose `If-Match` does not match the current revision.
 *
 * @param subject the start of the sentence: what has the revision
 * @param actual 0: it does not exist
 */
export function unmatchedRevision(subject: string, actual: number, wanted: WantedRevision): Rejection | undefined {
  if (wanted === '*' ? actual > 0 : wanted.includes(actual)) return undefined
  const found = actual === 0 ? 'does not exist' : `has revision ${actual}`
  const required = wanted === '*' ? '`If-Match` requires that it exists' : requirementOf(wanted)
  return refuse('precondition-failed', `${subject} ${found}, but ${required}: read it again, then retry`, {
    details: { revision: actual },
  })
}

function requirementOf(revisions: readonly number[]): string {
  if (revisions.includes(0)) return '`If-Match` requires that it does not exist'
  return revisions.length > 0
    ? `\`If-Match\` requires revision ${revisions.join(' or ')}`
    : '`If-Match` has an ETag that is not one of its revisions'
}
