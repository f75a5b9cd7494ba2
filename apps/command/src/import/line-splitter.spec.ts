import fc from 'fast-check'
import { isBlank, type Line, LineSplitter } from './line-splitter.js'

function split(text: string | Buffer, sizes: number[] = [], limit = 1024): Line[] {
  const splitter = new LineSplitter(limit)
  let rest = Buffer.from(text)
  const lines: Line[] = []
  for (const size of sizes) {
    lines.push(...splitter.push(rest.subarray(0, size)))
    rest = rest.subarray(size)
  }
  return [...lines, ...splitter.push(rest), ...splitter.end()]
}
const texts = (lines: Line[]) => lines.map(({ number, bytes }) => [number, bytes?.toString()])

describe('LineSplitter', () => {
  it('splits at LF and CRLF, counts blank lines, and returns a last line without a line end', () => {
    const lines = split('a\r\n\r\n  \nb\nc')
    expect(texts(lines)).toEqual([
      [1, 'a'],
      [2, ''],
      [3, '  '],
      [4, 'b'],
      [5, 'c'],
    ])
    expect(lines.filter(line => !isBlank(line)).map(({ number }) => number)).toEqual([1, 4, 5])
  })

  it('returns no line after the last newline, and none for empty input', () => {
    expect(texts(split('a\n'))).toEqual([[1, 'a']])
    expect(split('')).toEqual([])
  })

  it('returns a line of exactly the limit, also with CRLF, and no bytes of a longer one', () => {
    const most = 'x'.repeat(8)
    expect(texts(split(`${most}\r\n${most}x\n${most}xyz\r\nok`, [], 8))).toEqual([
      [1, most],
      [2, undefined],
      [3, undefined],
      [4, 'ok'],
    ])
  })

  it('returns no bytes of a line that spans 100 chunks beyond the limit', () => {
    const splitter = new LineSplitter(1000)
    for (let chunk = 0; chunk < 100; chunk++) splitter.push(Buffer.alloc(1000, 'x'))
    const [line, next] = splitter.push(Buffer.from('\nok\n'))
    expect([line?.bytes, next?.bytes?.toString()]).toEqual([undefined, 'ok'])
  })

  it('returns the same lines for any chunk boundaries', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '"', '{', 'ü', '🚢', ' ', '\t'), maxLength: 12 })
    const file = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 20 })
    fc.assert(
      fc.property(file, fc.array(fc.nat(7)), (lines, sizes) => {
        const text = lines.map(([content, end]) => content + end).join('')
        expect(texts(split(text, sizes, 16))).toEqual(
          lines.map(([content], index) => [index + 1, Buffer.byteLength(content) > 16 ? undefined : content]),
        )
      }),
    )
  })
})
