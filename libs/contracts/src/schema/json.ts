import { hash } from 'node:crypto'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/**
 * The canonical form (RFC 8785) of a JSON value: without spaces, members sorted by name. Members that are `undefined` are left out. The text
 * is that of `canonicalize` of json-canonicalize, on which stored hashes depend; that function takes ten times as long for lists. Throws for
 * numbers that are not finite.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || hasOwnForm(value)) return scalarJson(value)
  if (!Array.isArray(value)) return canonicalObject(value as Record<string, unknown>)
  if (value.every(isPlainScalar)) return JSON.stringify(value)
  return `[${value.map(item => canonicalJson(item ?? null)).join(',')}]`
}

function canonicalObject(value: Record<string, unknown>): string {
  let text = ''
  // By UTF-16 code units, as RFC 8785 has it.
  for (const name of Object.keys(value).toSorted()) {
    const member = value[name]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

/** An object with a member `toJSON` is written as JSON.stringify does, members in their order: hashes of such values are stored. */
function hasOwnForm(value: object): boolean {
  return (value as { toJSON?: unknown }).toJSON != null
}

function scalarJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is not a number of JSON`)
  return JSON.stringify(value)
}

function isPlainScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

/** SHA-256 (lower-case hex) of the canonical form (RFC 8785) of a JSON value. The order of keys does not matter. */
export function hashJson(value: unknown): string {
  return hashCanonical(canonicalJson(value))
}

/** The same of a text that is in canonical form. */
export function hashCanonical(text: string): string {
  return hash('sha256', text, 'hex')
}

/** Whether two JSON values have the same canonical form: `1` equals `1.0`, and the order of keys does not matter. */
export function equalJson(a: Json, b: Json): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) || Array.isArray(b)) return equalLists(a, b)
  const names = namesOf(a)
  return names.length === namesOf(b).length && names.every(name => isEqualMember(a, b, name))
}

function equalLists(a: Json, b: Json): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false
  return a.length === b.length && a.every((item, index) => equalJson(item, b[index]!))
}

function isEqualMember(a: { [name: string]: Json }, b: { [name: string]: Json }, name: string): boolean {
  return Object.hasOwn(b, name) && b[name] !== undefined && equalJson(a[name]!, b[name])
}

/** Names of members, without those that are left out. */
function namesOf(value: { [name: string]: Json }): string[] {
  return Object.keys(value).filter(name => value[name] !== undefined)
}
