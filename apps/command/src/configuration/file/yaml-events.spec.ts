import type { HttpProblem } from '#libs/http'
import { readConfigurationFile } from './configuration-file.js'

const read = (text: string) => readConfigurationFile(text, 'application/yaml')

/** The only error of the problem that reading throws. */
function errorOf(text: string): unknown {
  try {
    return read(text)
  } catch (problem) {
    return (problem as HttpProblem).errors?.[0]
  }
}

describe('the limits of YAML files', () => {
  const levels = (depth: number): [string, string][] => {
    const lines = (unit: (indent: string) => string) =>
      Array.from({ length: depth - 1 }, (_, level) => unit('  '.repeat(level))).join('\n')
    return [
      ['flow lists', `a: ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}`],
      ['flow maps', `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`],
      ['pairs in lists', `a: ${'[a: '.repeat((depth - 2) / 2)}[]${']'.repeat((depth - 2) / 2)}`],
      ['lists on one line', `a:\n  ${'- '.repeat(depth - 1)}1`],
      ['lists on lines', `a:\n${lines(indent => `  ${indent}-`)} 1`],
      ['maps on lines', `${lines(indent => `${indent}a:`)}\n${'  '.repeat(depth - 1)}a: 1`],
      [
        'lists and maps',
        `a:\n${Array.from({ length: depth / 2 - 1 }, (_, level) => `${'    '.repeat(level)}  - a:`).join('\n')} []`,
      ],
    ]
  }
  it.each(levels(32))('allow 32 levels of nesting: %s', (_, text) => {
    expect(read(text)).toHaveProperty('a')
  })
  it.each([
    ...levels(34),
    ...levels(33).filter(([name]) => !name.includes(' and ') && !name.startsWith('pairs')),
    ...levels(400),
    ['open lists', `a: ${'['.repeat(100_000)}`],
    ['open maps', '{a: '.repeat(100_000)],
    ['keys', '? '.repeat(100_000)],
    ['lists', '- '.repeat(100_000)],
    ['keys and lists', '? - '.repeat(50_000)],
    ['lists as keys', `${'[a: '.repeat(50_000)}`],
  ])('reject deeper nesting: %s', (_, text) => {
    expect(errorOf(text)).toMatchObject({ detail: expect.stringMatching(/deeper than 32 levels.* \(line \d+\)$/) })
  })

  it('reject more than 1 MiB, in bytes', () => {
    const line = `a: "${'ü'.repeat(1000)}"\n`
    const comment = `# ${'ü'.repeat(1000)}\n`
    expect(read(line + comment.repeat(520))).toEqual({ a: 'ü'.repeat(1000) })
    expect(errorOf(line + comment.repeat(530))).toEqual({
      pointer: '',
      detail: expect.stringMatching(/more than 1 MiB.* \(line 524\)$/),
    })
  })

  it('reject more than 200,000 values', () => {
    expect(errorOf(`a: [${'1,'.repeat(200_000)}]`)).toEqual({
      pointer: '/a/199998',
      detail: 'has more than 200000 values (line 1)',
    })
  })
})
