import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { canonicalJson, hashCanonical, type Json, type SealedValue } from '#libs/contracts'
import { secretsKey, type SecretsKey, WrongSecretsKey } from './keys.js'

export { WrongSecretsKey } from './keys.js'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts secrets where they enter, so that no other part has them in plain text. Without a key it encrypts nothing. */
export class Secrets {
  private readonly byId: ReadonlyMap<string, SecretsKey>
  private readonly sealing: SecretsKey | undefined
  private readonly hashing: Buffer | undefined

  /**
   * @param current the key that encrypts
   * @param old previous keys, the oldest last. The oldest key hashes, so that equal values have equal hashes under all keys
   */
  constructor(current?: SecretsKey, old: readonly SecretsKey[] = []) {
    const keys = current ? [current, ...old] : []
    this.byId = new Map(keys.map(key => [key.id, key]))
    this.sealing = current
    this.hashing = keys.at(-1)?.hashing
  }

  /** Encrypts a value; `undefined` without a key. */
  seal(tenant: string, value: Json): SealedValue | undefined {
    if (!this.sealing || !this.hashing) return undefined
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.sealing.encryption, nonce).setAAD(Buffer.from(tenant))
    const text = canonicalJson(value)
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
    return {
      keyId: this.sealing.id,
      ciphertext: Buffer.concat(sealed).toString('base64'),
      hash: this.hash('value', tenant, text),
    }
  }

  /** Decrypts a value. Throws if the key is missing, the tenant differs, or the value was modified. */
  open(tenant: string, { keyId, ciphertext }: SealedValue): Json {
    const key = this.byId.get(keyId)
    if (!key)
      throw new WrongSecretsKey(`The encryption key ${keyId} is not configured: add it to SHIPLOG_SECRETS_OLD_KEYS.`)
    const bytes = Buffer.from(ciphertext, 'base64')
    const decipher = createDecipheriv(CIPHER, key.encryption, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(tenant)).setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    return JSON.parse(text) as Json
  }

  /**
   * Hash of a body that may contain secrets: keyed, so that readers of the log cannot guess values. Without a key it is a plain hash, as
   * there are no secrets.
   *
   * @param body in its canonical form
   */
  bodyHash(tenant: string, body: string): string {
    return this.hashing ? this.hash('body', tenant, body) : hashCanonical(body)
  }

  private hash(what: 'value' | 'body', tenant: string, text: string): string {
    return createHmac('sha256', this.hashing!)
      .update(JSON.stringify([what, tenant, text]))
      .digest('hex')
  }
}

/** Reads the configured keys. Throws WrongSecretsKey, which names the invalid variable. */
export function readSecretsKeys({ secretsKey: current, oldSecretsKeys: old = [] }: KeyVariables): Secrets {
  if (current === undefined && old.length > 0) {
    throw new WrongSecretsKey(
      'SHIPLOG_SECRETS_OLD_KEYS is set, but SHIPLOG_SECRETS_KEY is not: set SHIPLOG_SECRETS_KEY to the newest key.',
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
  /** The oldest last. */
  oldSecretsKeys?: string[]
}
