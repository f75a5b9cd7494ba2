import { random, shuffledBy } from '../../kit/random.js'
import type { FaultKind, Lane } from '../kinds/fault-kind.js'

/** One fault of a lane: which, what its own random numbers start from, and how long the lane rests before it. */
export interface Scheduled<K> {
  kind: K
  seed: number
  pauseMs: number
}

const PAUSE_MS: Record<Lane, [number, number]> = {
  command: [50, 400],
  projector: [50, 600],
  query: [200, 1500],
  kafka: [50, 600],
  postgres: [50, 600],
  // All the others wait for it, and it for all the others.
  everything: [45_000, 90_000],
}
/** Of what waits for all the others, where there are none. */
const ALONE_MS: [number, number] = [1000, 4000]

/**
 * The faults of one lane, without an end, the same for the same seed. Kinds are dealt like cards: before one comes again more
 * often than its weight, all others have come.
 */
export function* scheduleOf<K extends Pick<FaultKind, 'weight' | 'lane' | 'name'>>(
  seed: number,
  lane: Lane,
  kinds: readonly K[],
): Generator<Scheduled<K>, never> {
  const dealt = kinds
    .filter(kind => kind.lane === lane)
    .flatMap(kind => Array.from({ length: kind.weight }, () => kind))
  if (dealt.length === 0) throw new Error(`no kind of fault in lane ${lane}`)
  const next = random(seed * 31 + laneNumber(lane))
  const alone = lane === 'everything' && lanesOf(kinds).length === 1
  const [low, high] = alone ? ALONE_MS : PAUSE_MS[lane]
  for (;;) {
    for (const kind of shuffledBy(dealt, next)) {
      yield { kind, seed: Math.floor(next() * 2 ** 31), pauseMs: Math.round(low + next() * (high - low)) }
    }
  }
}

function laneNumber(lane: Lane): number {
  return Object.keys(PAUSE_MS).indexOf(lane)
}

/** The lanes that these kinds need. */
export function lanesOf(kinds: readonly Pick<FaultKind, 'lane'>[]): Lane[] {
  return [...new Set(kinds.map(({ lane }) => lane))]
}
