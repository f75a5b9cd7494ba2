import type { Json } from '#libs/contracts'

type Members = [name: string, value: Json][]

/** Longest name before a colon that every parser accepts; YAML allows 1,024 characters. */
const LONGEST_NAME = 1000

/** Longest string without quotes. */
const LONGEST_PLAIN = 200
/** Texts that YAML 1.1 and 1.2 both parse as the same string. */
const plain = /^[A-Za-z_/](?:[\w ./@%+,=:-]*[\w./@%+=-])?$/
/** Texts that YAML 1.1 parses as a boolean or null, in any case, and those that one of its parsers takes for a number. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?\d+)$/i

// Characters that JSON does not escape and that YAML 1.1 or 1.2 refuses or treats as line breaks.
const unprintable = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g

/**
 * Writes members as a block map that parsers of YAML 1.1 and 1.2 read alike. Strings are quoted where a parser would read a
 * different value; strings of several lines become literal blocks where every parser reads them alike.
 *
 * Not with a library: `yaml` writes characters that other parsers refuse (U+007F, U+2028), and the regular expressions of
 * `js-yaml` overflow the stack on strings of several MiB.
 */
export function writeYaml(members: Members): string {
  if (members.length === 0) return '{}\n'
  return members.map(([name, value]) => writeMember(name, value, '')).join('')
}

function writeMember(name: string, value: Json, indent: string): string {
  const written = writeString(name)
  const head = written.length > LONGEST_NAME ? `? ${written}\n${indent}` : written
  return `${indent}${head}:${writeNode(value, `${indent}  `)}`
}

/** The text after a colon or a dash, up to the end of its last line. @param indent of the following lines */
function writeNode(value: Json, indent: string): string {
  if (typeof value === 'string') return isBlock(value) ? writeBlock(value, indent) : ` ${writeString(value)}\n`
  if (typeof value === 'number') return ` ${writeNumber(value)}\n`
  if (value === null || typeof value === 'boolean') return ` ${value}\n`
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n'
    return `\n${value.map(item => `${indent}-${writeItem(item, `${indent}  `)}`).join('')}`
  }
  const members = Object.entries(value)
  if (members.length === 0) return ' {}\n'
  return `\n${members.map(([name, member]) => writeMember(name, member, indent)).join('')}`
}

/** As `writeNode`, but lists and maps begin on the line of the dash. */
function writeItem(item: Json, indent: string): string {
  const written = writeNode(item, indent)
  return written.startsWith('\n') ? ` ${written.slice(1 + indent.length)}` : written
}

function writeString(text: string): string {
  if (text.length <= LONGEST_PLAIN && plain.test(text) && !text.includes(': ') && !reserved.test(text)) return text
  return JSON.stringify(text).replace(unprintable, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** YAML 1.1 requires a point in a number with an exponent. */
function writeNumber(value: number): string {
  return JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e')
}

/** Whether every parser reads a text of several lines alike as a literal block. */
function isBlock(text: string): boolean {
  if (!text.includes('\n') || /^\s/.test(text) || text.endsWith('\n\n')) return false
  return !/\n[ \t]+(?:\n|$)/.test(text) && !/[^\n\u0020-\u007e\u00a1-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(text)
}

function writeBlock(text: string, indent: string): string {
  const chomping = text.endsWith('\n') ? '' : '-'
  const lines = (chomping === '' ? text.slice(0, -1) : text).split('\n')
  return ` |${chomping}\n${lines.map(line => (line === '' ? '\n' : `${indent}${line}\n`)).join('')}`
}
