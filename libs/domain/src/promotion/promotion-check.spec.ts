import type { ValueFinding } from '#libs/contracts'
import { valueCheck, withCutOff, withValueFindings } from '#libs/domain'

const key = (n: number) => `key.${n}`
const content = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'configuration' as const,
    key: key(n),
    source: { value: n },
    targetRevision: 0,
  }))
const checked = (count: number) => ({
  content: content(count),
  contentHash: 'hash',
  findings: content(count).map(({ key }) => ({ severity: 'warning' as const, key, detail: 'will be deleted' })),
})
const settings = { keySchemas: { '*': { type: 'string' } } }
const misfit = (entry: number, detail = 'does not fit'): ValueFinding => ({
  schema: 0,
  kind: 'misfit',
  entry,
  pointer: '/a',
  detail,
})

it('valueCheck contains the values to be written, except those of secrets', () => {
  const sealed = { keyId: 'k', ciphertext: 'c', hash: 'h' }
  const check = valueCheck(
    [
      { kind: 'configuration', key: 'a', source: { value: null }, targetRevision: 0 },
      { kind: 'configuration', key: 'b', source: { sealed }, targetRevision: 0 },
      { kind: 'configuration', key: 'gone', target: { value: 1 }, targetRevision: 1 },
      { kind: 'flag', key: 'f', source: { value: { enabled: true } }, targetRevision: 0 },
    ],
    settings,
  )
  expect(check).toEqual({
    schemas: [{ pattern: '*', schema: { type: 'string' } }],
    entries: [
      { key: 'a', value: null },
      { key: 'b', secret: true },
    ],
  })
})

it('withValueFindings names the schema and the key of each finding', () => {
  const check = valueCheck(content(2), settings)
  const found = [misfit(1), { schema: 0, kind: 'secret', entry: 0 }, { schema: 0, kind: 'unusable', detail: 'is none' }]
  const { findings } = withValueFindings({ content: content(2), contentHash: 'hash', findings: [] }, check, {
    findings: found as ValueFinding[],
    more: 0,
  })
  expect(findings).toEqual([
    { severity: 'error', key: 'key.1', detail: '`/a` does not fit (schema of *)' },
    { severity: 'warning', key: 'key.0', detail: 'is a secret, so its value was not checked against the schema of *' },
    { severity: 'error', detail: 'the schema of * is invalid and cannot check any value: is none. Replace it' },
  ])
})

describe('the findings', () => {
  it('are limited in number, errors first', () => {
    const { findings } = withValueFindings(checked(1500), valueCheck(content(1500), settings), {
      findings: [misfit(7)],
      more: 3,
    })
    expect(findings).toHaveLength(1001)
    expect(findings[0]).toMatchObject({ severity: 'error', key: 'key.7' })
    expect(findings.at(-1)).toEqual({ severity: 'error', detail: '504 more findings are omitted' })
  })

  it('are limited in bytes', () => {
    const long = 'x'.repeat(3000)
    const found = { findings: Array.from({ length: 500 }, (_, n) => misfit(n, long)), more: 0 }
    const check = valueCheck(content(500), settings)
    const { findings } = withValueFindings({ ...checked(500), findings: [] }, check, found)
    expect(JSON.stringify(findings).length).toBeLessThan(256 * 1024 + 200)
    expect(findings.at(-1)!.detail).toMatch(/^\d+ more findings are omitted$/)
  })

  it('keep their order below the limits', () => {
    const { findings } = withCutOff(checked(3), 'takes too long')
    expect(findings.map(({ severity }) => severity)).toEqual(['warning', 'warning', 'warning', 'error'])
  })
})
