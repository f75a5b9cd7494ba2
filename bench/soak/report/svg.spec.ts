import { drawPicture, escapeXml } from './svg.js'

describe('escapeXml', () => {
  it('escapes every character that ends a text or an attribute', () => {
    expect(escapeXml(`a < b & "c" > 'd'`)).toBe('a &lt; b &amp; &quot;c&quot; &gt; &apos;d&apos;')
  })
})

describe('drawPicture', () => {
  const line = (...values: number[]) => ({ name: '<p99>', points: values.map((value, at) => ({ at, value })) })
  const polylines = (svg: string) => [...svg.matchAll(/points="([^"]*)"/g)].map(([, points]) => points)

  it('draws a line for each series, within its panel', () => {
    const panels = [{ title: 'Writes', unit: 'ms', lines: [line(0, 50, 100), line(100)] }]

    expect(polylines(drawPicture('Soak', panels, 2))).toEqual(['64,202 504,137 944,72', '64,72'])
  })

  it('omits values that have no logarithm', () => {
    const panels = [{ title: 'Writes', unit: 'ms', logarithmic: true, lines: [line(0, 10)] }]

    expect(polylines(drawPicture('Soak', panels, 1))).toEqual(['944,202'])
  })

  it('escapes titles and names', () => {
    const svg = drawPicture('a & b', [{ title: 'Writes', unit: 'ms', lines: [line(1)] }], 1)

    expect(svg).toContain('aria-label="a &amp; b"')
    expect(svg).toContain('>&lt;p99&gt;</text>')
    expect(svg).toContain('>Writes, ms</text>')
  })

  it('draws a panel without points', () => {
    expect(polylines(drawPicture('Soak', [{ title: 'Lag', unit: 'events', lines: [line()] }], 60))).toEqual([''])
  })
})
