const WORD = 32
/** Limit of the cached characters of one glob. */
const MOST_REMEMBERED = 4096

/**
 * Compiles a glob to a test of whole keys: `*` matches any number of characters, including `.` and `/`; `?` matches one; `[abc]`,
 * `[a-z]` and `[!a]` match one of a set; all else is literal, also an unclosed `[`. Case-sensitive.
 *
 * Does not backtrack.
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const pattern = parse([...glob])
  return pattern.tokens.some(({ literal }) => literal === undefined) ? stateMatcher(pattern) : segmentMatcher(glob)
}

/** For a glob of literals and `*`: each segment is matched at its first occurrence. */
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
 * Simulates an NFA with its states as bits (Baeza-Yates and Gonnet, "A New Approach to Text Searching", 1992): time is the length of the
 * key times the length of the glob / 32.
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

/** @returns whether a match is still possible */
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
  /** The only matching character; absent: `accepts` decides. */
  literal?: string
  accepts: (code: number) => boolean
}

/** Returns, for a character, the set of tokens that accept it. */
function acceptors(tokens: Token[], words: number): (character: string) => Uint32Array {
  const remembered = new Map<string, Uint32Array>()
  const others = tokens.flatMap((token, index) => (token.literal === undefined ? [{ ...token, index }] : []))
  const literals = new Map<string, number[]>()
  for (const [index, { literal }] of tokens.entries()) {
    if (literal === undefined) continue
    const positions = literals.get(literal)
    if (positions) positions.push(index)
    else literals.set(literal, [index])
  }
  return character => {
    const before = remembered.get(character)
    if (before) return before
    const code = character.codePointAt(0)!
    const positions = others.flatMap(({ accepts, index }) => (accepts(code) ? [index] : []))
    const accepted = bits(words, [...positions, ...(literals.get(character) ?? [])])
    if (remembered.size < MOST_REMEMBERED) remembered.set(character, accepted)
    return accepted
  }
}

function bits(words: number, positions: number[]): Uint32Array {
  const set = new Uint32Array(words)
  for (const position of positions) set[Math.floor(position / WORD)]! |= 1 << (position % WORD)
  return set
}

function isSet(set: Uint32Array, position: number): boolean {
  return ((set[Math.floor(position / WORD)]! >>> (position % WORD)) & 1) === 1
}

/** The tokens of a glob without `*`; `runs` has the index of the token after each `*`. */
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

/** Index of the `]` that closes a set. A set is not empty, so a `]` at its start is a member. */
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
