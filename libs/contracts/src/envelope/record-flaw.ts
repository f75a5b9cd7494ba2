import { isUtf8 } from 'node:buffer'

interface RecordBytes {
  key: Buffer
  value: Buffer
  headers: Readonly<Record<string, Buffer>>
}

/** The form of a tenant. */
export const tenantPattern = /^[A-Za-z0-9._-]{1,64}$/

/** Whether a text is a valid tenant: 1 to 64 letters, digits, dots, underscores and hyphens. */
export function isTenant(text: string): boolean {
  return tenantPattern.test(text)
}

/**
 * Why the form of a record shows that the ledger did not write it; `undefined`: the form is correct. Readers of the log interpret such a
 * record differently (another tenant, another text), so none may decode it.
 */
export function flawOf({ key, value, headers }: RecordBytes): string | undefined {
  for (const name in headers) {
    const lower = name.toLowerCase()
    // To readers that ignore the case of names, such as the CloudEvents SDK, this is one header twice.
    if (lower !== name && Object.hasOwn(headers, lower))
      return `the header ${lower} occurs more than once, in different case`
    if (!isUtf8(headers[name]!)) return `the header ${printable(name)} is not valid UTF-8`
  }
  if (!isUtf8(value)) return 'the value is not valid UTF-8'
  const tenant = headers['ce_tenant']?.toString()
  if (tenant === undefined) return undefined
  if (!isTenant(tenant)) return 'the header ce_tenant is not a valid tenant'
  const text = key.toString()
  if (text === tenant || text.startsWith(`${tenant}/`)) return undefined
  return `the key does not belong to the tenant ${tenant}`
}

/** An integer from 1 in the form that the ledger writes; `undefined` for other forms that readers could interpret differently, such as `0x10`. */
export function countOf(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined
}

/** A text of a record for a message: control characters replaced, truncated to `most` characters. */
export function printable(text: string, most = 100): string {
  const start = text
    .slice(0, most)
    .replaceAll(/\p{Cc}/gu, '\uFFFD')
    .toWellFormed()
  return text.length > most ? `${start}...` : start
}
