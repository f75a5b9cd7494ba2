import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { RE2JS } from 're2js'

/** A pattern that cannot be used; the message says why. */
export class UnsupportedPattern extends Error {
  override name = 'UnsupportedPattern'
}

const parser = new RegExpParser({ ecmaVersion: 2024 })

/**
 * An ECMA-262 regular expression with the flag `u`, matched in linear time (RE2), without look-around and back-references. It has the part
 * of RegExp that the schema interpreter uses.
 */
export class LinearRegExp {
  private readonly compiled: RE2JS

  /** Throws UnsupportedPattern. */
  constructor(pattern: string) {
    this.compiled = compile(pattern)
  }

  test(text: string): boolean {
    return this.compiled.test(text)
  }
}

/** Why a pattern cannot be used, for a message; `undefined`: it can. */
export function patternFinding(pattern: string): string | undefined {
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    if (error instanceof UnsupportedPattern) return error.message
    throw error
  }
}

function compile(pattern: string): RE2JS {
  const translated = translate(parse(pattern))
  try {
    return RE2JS.compile(translated)
  } catch (error) {
    // After a second colon the message quotes the translated pattern.
    const [, reason = 'is too large'] = /error parsing regexp: ([^:]+)/.exec((error as Error).message) ?? []
    throw new UnsupportedPattern(refusals[reason] ?? `cannot be matched in linear time: ${reason}`)
  }
}

const refusals: Record<string, string> = {
  'invalid repeat count': 'repeats a part more than 1000 times (nested counts are multiplied)',
  'invalid character class range':
    'has an unsupported Unicode property: use a script, or a general category by its short name',
}

function parse(pattern: string): AST.Pattern {
  try {
    return parser.parsePattern(pattern, 0, pattern.length, { unicode: true })
  } catch (error) {
    const { message } = error as Error
    if (error instanceof RangeError) throw new UnsupportedPattern('is nested too deeply')
    throw new UnsupportedPattern(`is not a regular expression: ${message.slice(message.lastIndexOf(': ') + 2)}`)
  }
}

const ANY = String.raw`[^\n\r\x{2028}\x{2029}]`
const SPACES = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
const NO_SPACES = String.raw`\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
const EVERYTHING = String.raw`\x00-\x{10ffff}`

function translate({ alternatives }: { alternatives: AST.Alternative[] }): string {
  return alternatives.map(({ elements }) => elements.map(element).join('')).join('|')
}

function element(node: AST.Element): string {
  switch (node.type) {
    case 'Character':
      return code(node.value)
    case 'CharacterSet':
      return node.kind === 'any' ? ANY : `[${members(node)}]`
    case 'CharacterClass':
      return characterClass(node)
    // Captures are not used.
    case 'Group':
    case 'CapturingGroup':
      return `(?:${translate(node)})`
    case 'Quantifier':
      return `(?:${element(node.element)})${quantity(node)}`
    case 'Assertion':
      return assertion(node)
    case 'Backreference':
      throw new UnsupportedPattern(`has a back-reference (${node.raw}), which cannot be matched in linear time`)
    default:
      throw new UnsupportedPattern(`has ${node.raw}, which is not supported`)
  }
}

function assertion(node: AST.Assertion): string {
  switch (node.kind) {
    case 'start':
      return String.raw`\A`
    case 'end':
      return String.raw`\z`
    case 'word':
      return node.negate ? String.raw`\B` : String.raw`\b`
    default:
      throw new UnsupportedPattern(`has a ${node.kind} (${node.raw}), which cannot be matched in linear time`)
  }
}

function characterClass({ elements, negate }: AST.CharacterClass): string {
  const listed = elements.map(node => {
    if (node.type === 'Character') return code(node.value)
    if (node.type === 'CharacterClassRange') return `${code(node.min.value)}-${code(node.max.value)}`
    if (node.type === 'CharacterSet') return members(node)
    throw new UnsupportedPattern(`has ${node.raw}, which is not supported`)
  })
  // RE2 has no empty class.
  if (listed.length === 0) return negate ? `[${EVERYTHING}]` : `[^${EVERYTHING}]`
  return `[${negate ? '^' : ''}${listed.join('')}]`
}

function members(node: AST.CharacterSet): string {
  switch (node.kind) {
    case 'digit':
      return node.negate ? String.raw`\D` : String.raw`\d`
    case 'word':
      return node.negate ? String.raw`\W` : String.raw`\w`
    case 'space':
      return node.negate ? NO_SPACES : SPACES
    case 'property':
      if (/^(scx|Script_Extensions)$/.test(node.key))
        throw new UnsupportedPattern(`has ${node.raw}, which is not supported`)
      return `\\${node.negate ? 'P' : 'p'}{${node.value ?? node.key}}`
    default:
      throw new UnsupportedPattern(`has ${node.raw}, which is not supported`)
  }
}

function quantity({ min, max }: AST.Quantifier): string {
  if (max === Infinity) return `{${min},}`
  return `{${min},${max}}`
}

function code(point: number): string {
  return `\\x{${point.toString(16)}}`
}
