import { createHash, hkdfSync } from 'node:crypto'

const KEY_BYTES = 32

/** A key that cannot be used; the message says which variable, and what to do. */
export class WrongSecretsKey extends Error {
  override name = 'WrongSecretsKey'
}

/** What is derived from one key of the environment; that one itself encrypts nothing. */
export interface SecretsKey {
  /** Names the key in sealed values: the first 8 bytes of its SHA-256, in hex. */
  id: string
  encryption: Buffer
  hashing: Buffer
}

/** Derives from a key (base64, 32 bytes) what seals and what hashes. Throws WrongSecretsKey for anything else. */
export function secretsKey(base64: string, variable: string): SecretsKey {
  const bytes = Buffer.from(base64, 'base64')
  // Buffer skips what is no base64: only what reads back the same was.
  const isBase64 = bytes.toString('base64').replaceAll('=', '') === base64.replaceAll('=', '')
  if (!isBase64 || bytes.length !== KEY_BYTES) {
    throw new WrongSecretsKey(
      `${variable} must be 32 bytes in base64: set it to a key such as \`openssl rand -base64 32\` makes.`,
    )
  }
  return {
    id: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    encryption: derive(bytes, 'shiplog secrets: encryption'),
    hashing: derive(bytes, 'shiplog secrets: hashing'),
  }
}

/** RFC 5869. */
function derive(key: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', label, KEY_BYTES))
}
