import fc from 'fast-check'
import { parseStrictJson } from './index.js'

describe('strict JSON', () => {
  it('reads what JSON.stringify writes, as it was', () => {
    const text = fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0') && text.isWellFormed())
    const key = text.filter(key => key !== '__proto__')
    const { json } = fc.letrec<{ json: unknown }>(tie => ({
      json: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => (Object.is(number, -0) ? 0 : number)),
        fc.constantFrom(null, true, false),
        fc.array(tie('json')),
        fc.dictionary(key, tie('json'), { noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(json, value => {
        expect(parseStrictJson(Buffer.from(JSON.stringify(value)))).toEqual({ value })
      }),
    )
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const parsed = parseStrictJson(bytes)
        expect('value' in parsed || parsed.finding.detail.length > 0).toBe(true)
      }),
    )
  })

  it('says where the text stops being JSON, and quotes nothing of it', () => {
    const parsed = parseStrictJson(Buffer.from('{"password": "secret",}'))
    expect(parsed).toEqual({
      finding: { pointer: '', detail: expect.stringMatching(/^is not JSON: .* at position 22$/) },
    })
  })

  it('takes words that only look like poison', () => {
    const value = { labels: { constructor: 'acme', prototype: '1' }, notes: '__proto__' }
    expect(parseStrictJson(Buffer.from(JSON.stringify(value)))).toEqual({ value })
  })
})
