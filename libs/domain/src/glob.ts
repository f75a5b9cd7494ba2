/**
 * Makes a test of whole keys from a glob: `*` is any run of characters, `.` and `/` included; `?` is one; `[abc]`, `[a-z]` and
 * `[!a]` are one of some; all else is literal. A `[` that nothing closes is literal too. Case-sensitive.
 *
 * Matches by walking key and pattern with one place to go back to (Kirk Krauss, "Matching Wildcards", 2008), so that no pattern makes it slow.
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const tokens = tokensOf([...glob])
  return key => matches(tokens, [...key])
}

type Token = 'any run' | ((character: string) => boolean)

function tokensOf(characters: string[]): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    const end = character === '[' ? endOfSet(characters, at) : undefined
    if (character === '*') {
      if (tokens.at(-1) !== 'any run') tokens.push('any run')
    } else if (character === '?') {
      tokens.push(() => true)
    } else if (end !== undefined) {
      tokens.push(setOf(characters.slice(at + 1, end)))
      at = end
    } else {
      tokens.push(other => other === character)
    }
  }
  return tokens
}

/** A set has at least one member, so a `]` that comes first is one. */
function endOfSet(characters: string[], start: number): number | undefined {
  const first = start + (characters[start + 1] === '!' ? 2 : 1)
  const end = characters.indexOf(']', first + 1)
  return end < 0 ? undefined : end
}

function setOf(members: string[]): (character: string) => boolean {
  const negated = members[0] === '!'
  const listed = negated ? members.slice(1) : members
  const ranges: [number, number][] = []
  for (let at = 0; at < listed.length; at++) {
    const from = listed[at]!.codePointAt(0)!
    const isRange = listed[at + 1] === '-' && at + 2 < listed.length
    ranges.push([from, isRange ? listed[at + 2]!.codePointAt(0)! : from])
    if (isRange) at += 2
  }
  return character => {
    const code = character.codePointAt(0)!
    return ranges.some(([from, to]) => from <= code && code <= to) !== negated
  }
}

function matches(tokens: Token[], key: string[]): boolean {
  let token = 0
  let at = 0
  let back: { token: number; at: number } | undefined
  while (at < key.length) {
    const wanted = tokens[token]
    if (wanted === 'any run') {
      back = { token: ++token, at }
    } else if (wanted?.(key[at]!)) {
      token++
      at++
    } else if (back) {
      // The run takes one more character.
      token = back.token
      at = ++back.at
    } else {
      return false
    }
  }
  return tokens.slice(token).every(rest => rest === 'any run')
}
