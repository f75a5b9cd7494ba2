/** A change of a few lines of the sources. */
export interface Edit {
  /** File of the project. */
  file: string
  /** Must be there exactly once. */
  old: string
  new: string
}

/** A build of the service with one protection taken away: the proof must find it out. */
export interface Mutant {
  name: string
  /** What it does wrong. */
  lacks: string
  edits: Edit[]
  /** The kinds of fault that bring it to light. */
  kinds: string[]
  /** How long they are injected at first, where that takes longer than with most. */
  seconds?: number
}
