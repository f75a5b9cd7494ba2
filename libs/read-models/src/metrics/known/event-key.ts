/** Position of an event in the order in which events became known, within one millisecond in the order of the log. */
export interface EventKey {
  /** When it and all previous events of its stream were recorded, milliseconds since 1970. */
  knownMs: number
  partition: number
  seq: number
}

export function compareKeys(a: EventKey, b: EventKey): number {
  return a.knownMs - b.knownMs || a.partition - b.partition || a.seq - b.seq
}
