import { createHash, hkdfSync } from 'node:crypto'

const KEY_BYTES = 32

/** An invalid or missing encryption key. */
export class WrongSecretsKey extends Error {
  override name = 'WrongSecretsKey'
}

/** The keys that are derived from a configured key, which is not used itself. */
export interface SecretsKey {
  /** The first 8 bytes of its SHA-256 in hex; sealed values have it as `keyId`. */
  id: string
  encryption: Buffer
  hashing: Buffer
}

/** Derives the keys. Throws WrongSecretsKey unless `base64` is 32 bytes in base64. @param variable its name, for the message */
export function secretsKey(base64: string, variable: string): SecretsKey {
  const bytes = Buffer.from(base64, 'base64')
  // Buffer ignores invalid characters, so compare the round trip.
  const isBase64 = bytes.toString('base64').replaceAll('=', '') === base64.replaceAll('=', '')
  if (!isBase64 || bytes.length !== KEY_BYTES) {
    throw new WrongSecretsKey(
      `${variable} must be 32 bytes in base64: generate a key with \`openssl rand -base64 32\`.`,
    )
  }
  return {
    id: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    encryption: derive(bytes, 'shiplog secrets: encryption'),
    hashing: derive(bytes, 'shiplog secrets: hashing'),
  }
}

/** HKDF, RFC 5869. */
function derive(key: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', label, KEY_BYTES))
}
