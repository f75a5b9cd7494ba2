/** What was asked for on the command line is not there: the message is all that people need. */
export class UsageError extends Error {
  override name = 'UsageError'
}
