import { randomBytes } from 'node:crypto'
import { equalJson, hashJson, type Json } from '#libs/contracts'
import { readSecretsKeys, WrongSecretsKey } from './index.js'

const key = () => randomBytes(32).toString('base64')
const [first, second, third] = [key(), key(), key()]
const old = readSecretsKeys({ secretsKey: first })
const rotated = readSecretsKeys({ secretsKey: third, oldSecretsKeys: [second, first] })

describe('seal', () => {
  it.each<[string, Json]>([
    ['a string', 'p4ssw0rd ✓'],
    ['an empty string', ''],
    ['null', null],
    ['an object', { b: [1, 2.5], a: { deep: true } }],
  ])('encrypts %s so that it opens to the same value', (_, value) => {
    const sealed = old.seal('acme', value)!
    expect(equalJson(old.open('acme', sealed), value)).toBe(true)
  })

  it('returns another ciphertext and the same hash each time', () => {
    const [one, two] = [old.seal('acme', 'x')!, old.seal('acme', 'x')!]
    expect(one.ciphertext).not.toBe(two.ciphertext)
    expect(one.hash).toBe(two.hash)
    expect(one.hash).not.toBe(old.seal('acme', 'y')!.hash)
    expect(one.hash).not.toBe(hashJson('x'))
  })

  it('returns the same hash for equal canonical JSON, and another one for each tenant', () => {
    expect(old.seal('acme', { a: 1, b: 2 })!.hash).toBe(old.seal('acme', { b: 2, a: 1 })!.hash)
    expect(old.seal('acme', 'x')!.hash).not.toBe(old.seal('other', 'x')!.hash)
  })

  it('binds the ciphertext to the tenant', () => {
    expect(() => old.open('other', old.seal('acme', 'x')!)).toThrow(/unable to authenticate/)
  })

  it.each([0, 14, -1])('makes a changed byte detectable: at %d', at => {
    const sealed = old.seal('acme', 'a long enough secret')!
    const bytes = Buffer.from(sealed.ciphertext, 'base64')
    const index = at < 0 ? bytes.length + at : at
    bytes[index] = bytes[index]! ^ 1
    expect(() => old.open('acme', { ...sealed, ciphertext: bytes.toString('base64') })).toThrow(
      /unable to authenticate/,
    )
  })

  it('returns undefined without a key, and body hashes are then not keyed', () => {
    const none = readSecretsKeys({})
    expect(none.seal('acme', 'x')).toBeUndefined()
    expect(none.bodyHash('acme', '{"a":1}')).toBe(hashJson({ a: 1 }))
  })
})

describe('rotation', () => {
  it('seals with the new key and opens values that old ones sealed', () => {
    const sealed = old.seal('acme', 'x')!
    expect(rotated.open('acme', sealed)).toBe('x')
    expect(rotated.seal('acme', 'x')!.keyId).not.toBe(sealed.keyId)
    expect(() => readSecretsKeys({ secretsKey: third }).open('acme', sealed)).toThrow(WrongSecretsKey)
  })

  it('keeps the hashes of values and bodies', () => {
    expect(rotated.seal('acme', 'x')!.hash).toBe(old.seal('acme', 'x')!.hash)
    expect(rotated.bodyHash('acme', '"x"')).toBe(old.bodyHash('acme', '"x"'))
  })
})

describe('keys', () => {
  it.each([
    ['too short', randomBytes(31).toString('base64')],
    ['too long', randomBytes(33).toString('base64')],
    ['not base64', 'x'.repeat(42) + '!!'],
    ['empty', ''],
  ])('are rejected if they are %s', (_, wrong) => {
    expect(() => readSecretsKeys({ secretsKey: wrong })).toThrow(/^SHIPLOG_SECRETS_KEY must be 32 bytes in base64/)
    expect(() => readSecretsKeys({ secretsKey: first, oldSecretsKeys: [wrong] })).toThrow(/SHIPLOG_SECRETS_OLD_KEYS/)
  })

  it('are not shown in errors', () => {
    expect(() => readSecretsKeys({ secretsKey: `${first}x` })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(first) }),
    )
  })

  it('require a current one if there are old ones', () => {
    expect(() => readSecretsKeys({ oldSecretsKeys: [first] })).toThrow(/SHIPLOG_SECRETS_KEY is not/)
  })
})
