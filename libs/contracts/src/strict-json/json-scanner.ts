import {
  type Finding,
  FORBIDDEN_NAME,
  FORBIDDEN_NAME_DETAIL,
  type JsonBounds,
  memberPointer,
  NUL_DETAIL,
  SURROGATE_DETAIL,
} from '../schema/validation.js'
import { numberFault } from './exact-number.js'
import { lineAt, placeIn } from './text-place.js'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const LETTER_U = 0x75
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const escapes = new Set(Array.from('"\\/bfnrt', letter => letter.charCodeAt(0)))
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const fourHexDigits = /[0-9a-fA-F]{4}/y

/** An array or object that is still open. */
interface Container {
  /** Names of an object so far; `undefined` for an array. */
  names: Set<string> | undefined
  /** Name or index of the current member. */
  at: string | number
}

class Refused extends Error {
  constructor(readonly finding: Finding) {
    super(finding.detail)
  }
}

/**
 * Checks a JSON text before it is parsed, from left to right, without recursion and in linear time. Stops at the first place that is
 * malformed, exceeds the bounds, or that `JSON.parse` would lose or change: a repeated name in one object, a number that a double
 * cannot represent, the name `__proto__`, NUL characters, lone surrogates.
 *
 * `JSON.parse` accepts every text without a finding.
 */
export class JsonScanner {
  private position = 0
  private values = 0
  private readonly open: Container[] = []

  constructor(
    private readonly text: string,
    private readonly bounds: JsonBounds,
    /** Called with each name of an object, the number of containers around it, and its offset. */
    private readonly onName?: (name: string, depth: number, offset: number) => void,
  ) {}

  /** The first finding; `undefined` for a valid text. */
  scan(): Finding | undefined {
    try {
      this.skipSpace()
      this.readValue()
      while (this.open.length > 0) this.readNext()
      if (this.position < this.text.length) this.failSyntax()
      return undefined
    } catch (error) {
      if (error instanceof Refused) return error.finding
      throw error
    }
  }

  /** Reads the next member of the innermost container, or its end. */
  private readNext(): void {
    const container = this.open.at(-1)!
    const { names } = container
    const isFirst = names ? names.size === 0 : container.at === -1
    const code = this.text.charCodeAt(this.position)
    if (code === (names ? CLOSE_OBJECT : CLOSE_ARRAY)) {
      this.open.pop()
      this.advance()
      return
    }
    if (!isFirst) {
      if (code !== COMMA) this.failSyntax()
      this.advance()
    }
    if (names) this.readName(container, names)
    else (container.at as number)++
    this.readValue()
  }

  private readName(container: Container, names: Set<string>): void {
    const start = this.position
    if (this.text.charCodeAt(start) !== QUOTE) this.failSyntax()
    const name = this.readText(true)
    if (this.text.charCodeAt(this.position) !== COLON) this.failSyntax()
    this.onName?.(name, this.open.length, start)
    if (name === 'prototype' && this.open.at(-2)?.at === 'constructor')
      this.fail('must not have a member named prototype', this.open.length - 1)
    container.at = name
    if (name === FORBIDDEN_NAME) this.fail(FORBIDDEN_NAME_DETAIL)
    if (names.has(name)) this.fail('occurs twice in its object: remove one of the two')
    names.add(name)
    this.advance()
  }

  private readValue(): void {
    if (++this.values > this.bounds.values) this.fail(`has more than ${this.bounds.values} values`)
    const code = this.text.charCodeAt(this.position)
    if (code === QUOTE) this.readText(false)
    else if (code === OPEN_OBJECT) this.openContainer({ names: new Set(), at: '' })
    else if (code === OPEN_ARRAY) this.openContainer({ names: undefined, at: -1 })
    else this.readScalar()
  }

  private openContainer(container: Container): void {
    if (this.open.length >= this.bounds.depth) {
      // A truncated text is reported as invalid JSON, however deep it is.
      if (!/[\]}]\s*$/.test(this.text.slice(-1000))) this.failSyntax(this.text.length)
      this.fail(`is nested deeper than ${this.bounds.depth} levels`)
    }
    this.open.push(container)
    this.advance()
  }

  private readScalar(): void {
    scalar.lastIndex = this.position
    const [token] = scalar.exec(this.text) ?? this.failSyntax()
    const fault = token.charCodeAt(0) < 0x41 ? numberFault(token) : undefined
    if (fault !== undefined) this.fail(fault)
    this.position = scalar.lastIndex
    this.skipSpace()
  }

  /** Reads a string; returns it only if `wanted`. */
  private readText(wanted: true): string
  private readText(wanted: false): void
  private readText(wanted: boolean): string | void {
    const { text } = this
    const start = this.position
    let at = start + 1
    let escaped = false
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at)) {
      // The code is NaN at the end of the text.
      if (!(code >= 0x20)) this.failSyntax(at)
      if (code === BACKSLASH) {
        escaped = true
        at = this.readEscape(at, wanted)
      } else at++
    }
    this.position = at + 1
    this.skipSpace()
    if (!wanted) return
    return escaped ? (JSON.parse(text.slice(start, at + 1)) as string) : text.slice(start + 1, at)
  }

  /** Offset after an escape. In valid UTF-8, only escapes can produce NUL characters and lone surrogates. */
  private readEscape(at: number, inName: boolean): number {
    const code = this.text.charCodeAt(at + 1)
    if (code !== LETTER_U) return escapes.has(code) ? at + 2 : this.failSyntax(at)
    const unit = this.unitAt(at) ?? this.failSyntax(at)
    // No pointer can contain such a name: it points to the object instead.
    const levels = this.open.length - (inName ? 1 : 0)
    if (unit === 0) this.fail(NUL_DETAIL, levels)
    if (unit < 0xd800 || unit > 0xdfff) return at + 6
    const next = unit < 0xdc00 && this.text.startsWith('\\u', at + 6) ? this.unitAt(at + 6) : undefined
    if (next === undefined || next < 0xdc00 || next > 0xdfff) {
      this.fail(SURROGATE_DETAIL, levels)
    }
    return at + 12
  }

  private unitAt(at: number): number | undefined {
    fourHexDigits.lastIndex = at + 2
    const [digits] = fourHexDigits.exec(this.text) ?? []
    return digits === undefined ? undefined : Number.parseInt(digits, 16)
  }

  private advance(): void {
    this.position++
    this.skipSpace()
  }

  private skipSpace(): void {
    let code = this.text.charCodeAt(this.position)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = this.text.charCodeAt(++this.position)
    }
  }

  private failSyntax(at = this.position): never {
    throw new Refused({ pointer: '', detail: `is not JSON: it cannot be parsed at ${placeIn(this.text, at)}` })
  }

  /** @param levels number of containers in the pointer; default all open ones */
  private fail(detail: string, levels = this.open.length): never {
    const pointer = this.open.slice(0, levels).reduce((parent, { at }) => memberPointer(parent, String(at)), '')
    const line = this.text.includes('\n') ? ` (line ${lineAt(this.text, this.position)})` : ''
    throw new Refused({ pointer, detail: detail + line })
  }
}
