import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { canonicalize } from 'json-canonicalize'
import { hashJson, type Json, type SealedValue } from '#libs/contracts'
import { secretsKey, type SecretsKey, WrongSecretsKey } from './keys.js'

export { WrongSecretsKey } from './keys.js'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals secrets at the edge, so that nothing behind it ever holds one in clear. Without a key it seals nothing. */
export class Secrets {
  private readonly byId: ReadonlyMap<string, SecretsKey>
  private readonly sealing: SecretsKey | undefined
  private readonly hashing: Buffer | undefined

  /**
   * @param current the key that seals
   * @param old keys that sealed before, the oldest one last. Its hashes stay: equal values are equal whichever key sealed them
   */
  constructor(current?: SecretsKey, old: readonly SecretsKey[] = []) {
    const keys = current ? [current, ...old] : []
    this.byId = new Map(keys.map(key => [key.id, key]))
    this.sealing = current
    this.hashing = keys.at(-1)?.hashing
  }

  /** A value as events may carry it; `undefined` without a key. */
  seal(tenant: string, value: Json): SealedValue | undefined {
    if (!this.sealing || !this.hashing) return undefined
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.sealing.encryption, nonce).setAAD(Buffer.from(tenant))
    const text = canonicalize(value)
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
    return {
      keyId: this.sealing.id,
      ciphertext: Buffer.concat(sealed).toString('base64'),
      hash: this.hash('value', tenant, text),
    }
  }

  /** The value that was sealed. Throws where no key of that name is there, or it was sealed for another tenant, or changed. */
  open(tenant: string, { keyId, ciphertext }: SealedValue): Json {
    const key = this.byId.get(keyId)
    if (!key) throw new WrongSecretsKey(`there is no key ${keyId}: add it to SHIPLOG_SECRETS_OLD_KEYS.`)
    const bytes = Buffer.from(ciphertext, 'base64')
    const decipher = createDecipheriv(CIPHER, key.encryption, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(tenant)).setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    return JSON.parse(text) as Json
  }

  /**
   * Hash of a body that may hold secrets: keyed, so that nobody who reads the log can try values until one fits. Without a
   * key, a plain hash: there are no secrets then.
   */
  bodyHash(tenant: string, body: unknown): string {
    return this.hashing ? this.hash('body', tenant, canonicalize(body)) : hashJson(body)
  }

  private hash(what: 'value' | 'body', tenant: string, text: string): string {
    return createHmac('sha256', this.hashing!)
      .update(JSON.stringify([what, tenant, text]))
      .digest('hex')
  }
}

/** Reads keys as the environment gives them. Throws WrongSecretsKey, saying which one cannot be used. */
export function readSecretsKeys({ secretsKey: current, oldSecretsKeys: old = [] }: KeyVariables): Secrets {
  if (current === undefined && old.length > 0) {
    throw new WrongSecretsKey(
      'SHIPLOG_SECRETS_OLD_KEYS is set, but SHIPLOG_SECRETS_KEY is not: set it to the newest key.',
    )
  }
  return new Secrets(
    current === undefined ? undefined : secretsKey(current, 'SHIPLOG_SECRETS_KEY'),
    old.map(key => secretsKey(key, 'Each of SHIPLOG_SECRETS_OLD_KEYS')),
  )
}

interface KeyVariables {
  /** Base64, 32 bytes. */
  secretsKey?: string
  /** The oldest one last. */
  oldSecretsKeys?: string[]
}
