import { isUtf8 } from 'node:buffer'

/** The bytes of a record that its form is judged by. */
interface RecordBytes {
  key: Buffer
  value: Buffer
  headers: Readonly<Record<string, Buffer>>
}

const TENANT = /^[A-Za-z0-9._-]{1,64}$/

/** Whether a text names a tenant: 1 to 64 of letters, digits, dots, underscores and hyphens. */
export function isTenant(text: string): boolean {
  return TENANT.test(text)
}

/**
 * Says why a record was not written by the ledger, by its form alone; `undefined` where its form is right. Readers of the log differ in
 * what they make of such a record (another tenant, another text), so none of them may take it for an event.
 */
export function flawOf({ key, value, headers }: RecordBytes): string | undefined {
  for (const name in headers) {
    const lower = name.toLowerCase()
    // Readers that ignore the case of names, such as the CloudEvents SDK, see one header twice.
    if (lower !== name && Object.hasOwn(headers, lower))
      return `header ${lower} is there more than once, in different case`
    if (!isUtf8(headers[name]!)) return `header ${shown(name)} is not UTF-8`
  }
  if (!isUtf8(value)) return 'the value is not UTF-8'
  const tenant = headers['ce_tenant']?.toString()
  if (tenant === undefined) return undefined
  if (!isTenant(tenant)) return 'header ce_tenant does not name a tenant'
  const text = key.toString()
  if (text === tenant || text.startsWith(`${tenant}/`)) return undefined
  return `the key does not belong to the tenant ${tenant}`
}

/** A count from 1 as the ledger writes it; `undefined` for what other readers may take for another number, such as `0x10`. */
export function countOf(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined
}

/** Text of a record as a message quotes it: without control characters, at most `most` characters. */
export function shown(text: string, most = 100): string {
  const start = text
    .slice(0, most)
    .replaceAll(/\p{Cc}/gu, '\uFFFD')
    .toWellFormed()
  return text.length > most ? `${start}...` : start
}
