import { countOf, flawOf, printable } from '#libs/contracts'

const record = (
  headers: Record<string, Buffer | string>,
  key: Buffer | string = 'acme/shop',
  value: Buffer | string = '{}',
) => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
})
const notUtf8 = Buffer.from([0x61, 0xff])

describe('flawOf', () => {
  it.each([
    ['an application', { ce_tenant: 'acme', ce_actor: 'jürgen' }, 'acme/shop'],
    ['an application with a slash', { ce_tenant: 'acme' }, 'acme/a/b'],
    ['a tenant', { ce_tenant: 'acme' }, 'acme'],
    ['no tenant', {}, 'key'],
  ])('finds nothing in a record of %s', (_, headers, key) => {
    expect(flawOf(record(headers, key))).toBeUndefined()
  })

  it.each<[string, ReturnType<typeof record>, string]>([
    [
      'a header in another case',
      record({ ce_tenant: 'acme', CE_Tenant: 'other' }),
      'header ce_tenant occurs more than once',
    ],
    [
      'a header that is not UTF-8',
      record({ ce_tenant: 'acme', ce_actor: notUtf8 }),
      'header ce_actor is not valid UTF-8',
    ],
    ['a value that is not UTF-8', record({ ce_tenant: 'acme' }, 'acme', notUtf8), 'the value is not valid UTF-8'],
    ['an empty tenant', record({ ce_tenant: '' }, ''), 'ce_tenant is not a valid tenant'],
    ['a tenant with a slash', record({ ce_tenant: 'acme/shop' }), 'ce_tenant is not a valid tenant'],
    ['a tenant with a line feed', record({ ce_tenant: 'acme\n' }, 'acme\n'), 'ce_tenant is not a valid tenant'],
    ['a key of another tenant', record({ ce_tenant: 'acm' }), 'the key does not belong to the tenant acm'],
    ['an empty key', record({ ce_tenant: 'acme' }, ''), 'the key does not belong to the tenant acme'],
    ['a key that is not UTF-8', record({ ce_tenant: 'acme' }, notUtf8), 'the key does not belong to the tenant acme'],
  ])('finds %s', (_, bytes, flaw) => {
    expect(flawOf(bytes)).toContain(flaw)
  })

  it('describes a flaw briefly and without control characters', () => {
    expect(flawOf(record({ ['x\0\n'.padEnd(5000, 'y')]: notUtf8 }))).toMatch(
      /^the header x\uFFFD\uFFFDy{97}\.\.\. is not valid UTF-8$/,
    )
    expect(printable('\ud800')).toBe('\uFFFD')
  })
})

it.each(['0', '01', '+1', '-1', '1.0', '1e3', '0x10', ' 1', '1\n', '', '1'.repeat(16)])('countOf rejects %j', text => {
  expect(countOf(text)).toBeUndefined()
})
