const WORD = 32
/** Characters whose tokens are remembered, of one glob. */
const MOST_REMEMBERED = 4096

/**
 * Makes a test of whole keys from a glob: `*` is any run of characters, `.` and `/` included; `?` is one; `[abc]`, `[a-z]` and
 * `[!a]` are one of some; all else is literal. A `[` that nothing closes is literal too. Case-sensitive.
 *
 * Never goes back in a key, whatever both contain.
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const pattern = parse([...glob])
  return pattern.tokens.some(({ literal }) => literal === undefined) ? stateMatcher(pattern) : segmentMatcher(glob)
}

/** Literal text between runs: each segment is taken where it comes first. */
function segmentMatcher(glob: string): (key: string) => boolean {
  const segments = glob.split(/\*+/)
  const [prefix = '', ...rest] = segments
  const suffix = rest.pop()
  if (suffix === undefined) return key => key === glob
  const shortest = prefix.length + suffix.length
  return key => {
    if (key.length < shortest || !key.startsWith(prefix) || !key.endsWith(suffix)) return false
    const end = key.length - suffix.length
    let at = prefix.length
    for (const segment of rest) {
      const found = key.indexOf(segment, at)
      if (found < 0 || found + segment.length > end) return false
      at = found + segment.length
    }
    return true
  }
}

/**
 * Follows all ways to match at once, as bits of a set (Baeza-Yates and Gonnet, "A New Approach to Text Searching", 1992): a key takes
 * its length times a 32nd of the glob's.
 */
function stateMatcher({ tokens, runs }: Pattern): (key: string) => boolean {
  const words = Math.floor(tokens.length / WORD) + 1
  const loops = bits(words, runs)
  const accepting = acceptors(tokens, words)
  const sets: [Uint32Array, Uint32Array] = [new Uint32Array(words), new Uint32Array(words)]
  return key => {
    let [now, next] = sets
    now.fill(0)
    // Bit n: the first n tokens have matched.
    now[0] = 1
    for (const character of key) {
      if (!step(now, next, accepting(character), loops)) return false
      ;[now, next] = [next, now]
    }
    return isSet(now, tokens.length)
  }
}

/** @returns whether anything can still match */
function step(now: Uint32Array, next: Uint32Array, accepted: Uint32Array, loops: Uint32Array): boolean {
  let alive = 0
  let carried = 0
  for (let word = 0; word < now.length; word++) {
    const matched = now[word]! & accepted[word]!
    next[word] = (matched << 1) | carried | (now[word]! & loops[word]!)
    carried = matched >>> (WORD - 1)
    alive |= next[word]!
  }
  return alive !== 0
}

interface Token {
  /** The only character; left out: what `accepts` says. */
  literal?: string
  accepts: (code: number) => boolean
}

/** For each character, which tokens accept it. */
function acceptors(tokens: Token[], words: number): (character: string) => Uint32Array {
  const remembered = new Map<string, Uint32Array>()
  const others = tokens.flatMap((token, index) => (token.literal === undefined ? [{ ...token, index }] : []))
  const literals = new Map<string, number[]>()
  for (const [index, { literal }] of tokens.entries()) {
    if (literal === undefined) continue
    const places = literals.get(literal)
    if (places) places.push(index)
    else literals.set(literal, [index])
  }
  return character => {
    const before = remembered.get(character)
    if (before) return before
    const code = character.codePointAt(0)!
    const places = others.flatMap(({ accepts, index }) => (accepts(code) ? [index] : []))
    const accepted = bits(words, [...places, ...(literals.get(character) ?? [])])
    if (remembered.size < MOST_REMEMBERED) remembered.set(character, accepted)
    return accepted
  }
}

function bits(words: number, places: number[]): Uint32Array {
  const set = new Uint32Array(words)
  for (const place of places) set[Math.floor(place / WORD)]! |= 1 << (place % WORD)
  return set
}

function isSet(set: Uint32Array, place: number): boolean {
  return ((set[Math.floor(place / WORD)]! >>> (place % WORD)) & 1) === 1
}

/** The tokens of a glob but its `*`; `runs` says before which of them, or behind the last, any run of characters may be. */
interface Pattern {
  tokens: Token[]
  runs: number[]
}

function parse(characters: string[]): Pattern {
  const tokens: Token[] = []
  const runs: number[] = []
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    const end = character === '[' ? endOfSet(characters, at) : undefined
    if (character === '*') {
      runs.push(tokens.length)
    } else if (character === '?') {
      tokens.push({ accepts: () => true })
    } else if (end !== undefined) {
      tokens.push({ accepts: setOf(characters.slice(at + 1, end)) })
      at = end
    } else {
      tokens.push({ literal: character, accepts: () => false })
    }
  }
  return { tokens, runs }
}

/** A set has at least one member, so a `]` that comes first is one. */
function endOfSet(characters: string[], start: number): number | undefined {
  const first = start + (characters[start + 1] === '!' ? 2 : 1)
  const end = characters.indexOf(']', first + 1)
  return end < 0 ? undefined : end
}

function setOf(members: string[]): (code: number) => boolean {
  const negated = members[0] === '!'
  const listed = negated ? members.slice(1) : members
  const ranges: [number, number][] = []
  for (let at = 0; at < listed.length; at++) {
    const from = listed[at]!.codePointAt(0)!
    const isRange = listed[at + 1] === '-' && at + 2 < listed.length
    ranges.push([from, isRange ? listed[at + 2]!.codePointAt(0)! : from])
    if (isRange) at += 2
  }
  return code => ranges.some(([from, to]) => from <= code && code <= to) !== negated
}
