/**
 * What a mutant puts in place of the code that a marker protects; `''` takes it away. The code of a marker is:
 *
 * - `// protects: NAME` on a line of its own: the statement or the property below;
 * - `-- protects: NAME` at the end of a line of SQL: that line.
 */
export type Replacement = string | ((code: string) => string)

/** A build of the service with one protection taken away: the proof must find it out. */
export interface Mutant {
  name: string
  /** What it does wrong. */
  lacks: string
  /** By the name of a marker, which stands in the sources once. */
  changes: Record<string, Replacement>
  /** The kinds of fault that bring it to light. */
  kinds: string[]
  /** How long they are injected at first, where that takes longer than with most. */
  seconds?: number
}
