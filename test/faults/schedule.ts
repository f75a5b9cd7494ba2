import { random, shuffledBy } from '../stack/random.js'
import type { FaultKind, Lane } from './fault-kind.js'

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
/** Where faults of every lane are injected: what strikes them all comes less often, for a process comes to a failpoint only while all work. */
const AMONG_ALL_MS: Partial<Record<Lane, [number, number]>> = {
  query: [3000, 8000],
  kafka: [3000, 6000],
  postgres: [3000, 6000],
  everything: [100_000, 160_000],
}

/**
 * The faults of one lane, without an end, the same for the same seed. Kinds are dealt like cards: before one comes again more
 * often than its weight, all others have come; those of the greatest weight come in turns.
 */
export function* scheduleOf<K extends Pick<FaultKind, 'weight' | 'lane' | 'name'>>(
  seed: number,
  lane: Lane,
  kinds: readonly K[],
): Generator<Scheduled<K>, never> {
  const ofLane = kinds.filter(kind => kind.lane === lane)
  if (ofLane.length === 0) throw new Error(`no kind of fault in lane ${lane}`)
  const next = random(seed * 31 + laneNumber(lane))
  const [low, high] = pauseOf(lane, lanesOf(kinds))
  for (;;) {
    for (const kind of turnsOf(ofLane, next).flatMap(turn => shuffledBy(turn, next))) {
      yield { kind, seed: Math.floor(next() * 2 ** 31), pauseMs: Math.round(low + next() * (high - low)) }
    }
  }
}

/** As many turns as the greatest weight; each kind is in as many of them as its own says. */
function turnsOf<K extends Pick<FaultKind, 'weight'>>(kinds: readonly K[], next: () => number): K[][] {
  const turns: K[][] = Array.from({ length: Math.max(...kinds.map(({ weight }) => weight)) }, () => [])
  for (const kind of kinds) for (const turn of shuffledBy(turns, next).slice(0, kind.weight)) turn.push(kind)
  return turns
}

function pauseOf(lane: Lane, lanes: Lane[]): [number, number] {
  if (lane === 'everything' && lanes.length === 1) return ALONE_MS
  const all = lanes.length === Object.keys(PAUSE_MS).length
  return (all ? AMONG_ALL_MS[lane] : undefined) ?? PAUSE_MS[lane]
}

function laneNumber(lane: Lane): number {
  return Object.keys(PAUSE_MS).indexOf(lane)
}

/** The lanes that these kinds need. */
export function lanesOf(kinds: readonly Pick<FaultKind, 'lane'>[]): Lane[] {
  return [...new Set(kinds.map(({ lane }) => lane))]
}
