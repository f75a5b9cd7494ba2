import { readOptions } from './options.js'

const known = ['append', 'answers']

describe('readOptions', () => {
  it('returns defaults', () => {
    expect(readOptions([], known)).toEqual({ names: [], quick: false, large: false })
  })

  it('returns the given options', () => {
    expect(readOptions(['answers', '--large', '--rows', '5000', '--events', '1000'], known)).toEqual({
      names: ['answers'],
      quick: false,
      large: true,
      rows: 5000,
      events: 1000,
    })
  })

  it.each([[['--rows', 'many']], [['--rows', '999']], [['--events', '1e9.5']], [['--loud']], [['replies']]])(
    'rejects %j with the usage',
    args => {
      expect(() => readOptions(args, known)).toThrow(/npm run bench -- \[append answers\]/)
    },
  )
})
