import { readOptions } from './options.js'

describe('readOptions', () => {
  it('returns defaults', () => {
    expect(readOptions([])).toEqual({ minutes: 30, svg: 'docs/soak.svg' })
  })

  it('returns the given options', () => {
    expect(readOptions(['--minutes', '0.5', '--rate', '200', '--svg', 'a.svg'])).toEqual({
      minutes: 0.5,
      rate: 200,
      svg: 'a.svg',
    })
  })

  it.each([[['--minutes', 'x']], [['--minutes', '0']], [['--rate', 'Infinity']], [['--loud']], [['30']]])(
    'rejects %j with the usage',
    args => {
      expect(() => readOptions(args)).toThrow(/npm run soak -- --minutes N/)
    },
  )
})
