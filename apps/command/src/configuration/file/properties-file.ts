import { FORBIDDEN_NAME, FORBIDDEN_NAME_DETAIL, memberPointer, MOST_KEYS, textFault } from '#libs/contracts'
import { type FileContent, malformedFile } from './malformed-file.js'

/** A logical line: lines of the file that a backslash at the end joins. */
interface LogicalLine {
  text: string
  /** Its first line in the file, from 1. */
  line: number
}

const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }
const isBlank = (character: string | undefined) => character === ' ' || character === '\t' || character === '\f'

/**
 * Reads `.properties` as `java.util.Properties` does, in linear time. Stricter in two points: keys must be unique, and a backslash before
 * a letter or digit must begin an escape sequence, as `C:\users` would lose its backslash.
 */
export function readProperties(text: string): FileContent {
  const lines = new Map<string, number>()
  const value: Record<string, string> = {}
  for (const { text: content, line } of logicalLines(text)) {
    const end = endOfKey(content)
    const key = unescape(content.slice(0, end), line)
    const pointer = memberPointer('', key)
    if (key === FORBIDDEN_NAME) throw malformedFile(FORBIDDEN_NAME_DETAIL, { pointer, line })
    if (lines.has(key))
      throw malformedFile(`occurs twice, first on line ${lines.get(key)}: remove one of them`, { pointer, line })
    if (lines.size === MOST_KEYS) throw malformedFile(`has more than ${MOST_KEYS} keys, the limit`, { line })
    lines.set(key, line)
    value[key] = unescape(content.slice(startOfValue(content, end)), line, pointer)
  }
  return {
    value: lines.size === 0 ? undefined : value,
    visitNames: onName => lines.forEach((line, key) => onName(key, 1, () => line)),
  }
}

function* logicalLines(text: string): Generator<LogicalLine> {
  const unix = text.replace(/\r\n?/g, '\n')
  let parts: string[] = []
  let line = 0
  let first = 0
  for (let start = 0; start < unix.length; line++) {
    const found = unix.indexOf('\n', start)
    const end = found < 0 ? unix.length : found
    const from = skipBlanks(unix, start, end)
    start = end + 1
    if (parts.length === 0) {
      if (from === end || unix[from] === '#' || unix[from] === '!') continue
      first = line + 1
    }
    const isContinued = backslashesBefore(unix, end, from) % 2 === 1
    parts.push(unix.slice(from, isContinued ? end - 1 : end))
    if (isContinued) continue
    yield { text: parts.join(''), line: first }
    parts = []
  }
  if (parts.length > 0)
    throw malformedFile('ends with a backslash, but no line follows: remove the backslash', { line: first })
}

function skipBlanks(text: string, start: number, end = text.length): number {
  let at = start
  while (at < end && isBlank(text[at])) at++
  return at
}

function backslashesBefore(text: string, end: number, start: number): number {
  let at = end
  while (at > start && text[at - 1] === '\\') at--
  return end - at
}

function endOfKey(text: string): number {
  let at = 0
  while (at < text.length && text[at] !== '=' && text[at] !== ':' && !isBlank(text[at])) at += text[at] === '\\' ? 2 : 1
  return Math.min(at, text.length)
}

function startOfValue(text: string, endOfKey: number): number {
  const separator = skipBlanks(text, endOfKey)
  return text[separator] === '=' || text[separator] === ':' ? skipBlanks(text, separator + 1) : separator
}

function unescape(text: string, line: number, pointer?: string): string {
  const location = { line, ...(pointer !== undefined && { pointer }) }
  let result = ''
  let from = 0
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    const next = text[at + 1] ?? ''
    const unit = next === 'u' ? /^[0-9a-fA-F]{4}$/.exec(text.slice(at + 2, at + 6))?.[0] : undefined
    if (unit === undefined && /[a-zA-Z0-9]/.test(next) && !Object.hasOwn(escapes, next)) {
      throw malformedFile('has a backslash that does not begin an escape sequence: write two backslashes', location)
    }
    result +=
      text.slice(from, at) +
      (unit === undefined ? (escapes[next] ?? next) : String.fromCharCode(Number.parseInt(unit, 16)))
    from = at + (unit === undefined ? 2 : 6)
  }
  result += text.slice(from)
  const fault = textFault(result)
  if (fault !== undefined) throw malformedFile(fault, location)
  return result
}
