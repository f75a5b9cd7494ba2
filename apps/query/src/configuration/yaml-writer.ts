import type { Json } from '#libs/contracts'

type Members = [name: string, value: Json][]

/** Characters of a name before its colon that every reader takes; YAML allows 1,024. */
const LONGEST_NAME = 1000

/** Characters of a string that may go without quotes. */
const LONGEST_PLAIN = 200
/** What YAML 1.1 and 1.2 both read as the string that it is. */
const plain = /^[A-Za-z_/](?:[\w ./@%+,=:-]*[\w./@%+=-])?$/
/** What YAML 1.1 reads as a boolean or null, in any case of letters, and what one of its readers takes for a number. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?\d+)$/i

// Characters that JSON leaves as they are, and that YAML 1.1 or 1.2 takes as a line break, or does not take.
const unprintable = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g

/**
 * Writes members as a block map that readers of YAML 1.1 and of 1.2 read alike. Strings are quoted where either would read something
 * else, so that they are the JSON strings that they were; several lines stay several lines where that is the same to every reader.
 *
 * By hand: `yaml` writes what other readers refuse (U+007F, U+2028), and the regular expressions with which `js-yaml` looks for a
 * style run out of stack on strings of some MiB.
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

/** What follows a colon or a dash, up to the end of its last line. @param indent of the lines below */
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

/** As `writeNode`, but lists and maps begin behind the dash. */
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

/** YAML 1.1 wants a point in a number with an exponent. */
function writeNumber(value: number): string {
  return JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e')
}

/** Whether a text of several lines is the same to every reader as a literal block. */
function isBlock(text: string): boolean {
  if (!text.includes('\n') || /^\s/.test(text) || text.endsWith('\n\n')) return false
  return !/\n[ \t]+(?:\n|$)/.test(text) && !/[^\n\u0020-\u007e\u00a1-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(text)
}

function writeBlock(text: string, indent: string): string {
  const chomping = text.endsWith('\n') ? '' : '-'
  const lines = (chomping === '' ? text.slice(0, -1) : text).split('\n')
  return ` |${chomping}\n${lines.map(line => (line === '' ? '\n' : `${indent}${line}\n`)).join('')}`
}
