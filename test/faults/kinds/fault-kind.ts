import type { World } from '../world/world.js'

/** Faults of one lane follow one another, those of different lanes overlap; during one of `everything` no other is injected. */
export type Lane = 'command' | 'projector' | 'query' | 'kafka' | 'postgres' | 'everything'

export interface FaultKind {
  name: string
  lane: Lane
  /** How often it comes, compared with the others of its lane. */
  weight: number
  /**
   * Injects once and takes the cause away again (killed: started; cut: mended); doesn't wait for recovery. Resolves with a few
   * words for the protocol; rejects where it could not be injected.
   */
  inject(world: World, random: () => number): Promise<string>
}
