import { toQueryConfig } from './query-on.js'
import { statement } from './statement.js'

test('orders the values by their names', () => {
  expect(statement('list', 'SELECT $b, $a, $b', { a: 1, b: null })).toEqual({
    name: 'list',
    text: '/* list */ SELECT $1, $2, $1',
    values: [null, 1],
    parameters: ['b', 'a'],
  })
})

test('a value that is undefined is absent', () => {
  expect(statement('list', 'SELECT $a', { a: 1, b: undefined }).values).toEqual([1])
})

test('refuses a parameter without value, and a value without parameter', () => {
  expect(() => statement('list', 'SELECT $a', { a: undefined, b: 2 })).toThrow(
    'statement "list": $a has no value, the value `b` has no parameter $b',
  )
  expect(() => statement('list', 'SELECT $constructor')).toThrow('statement "list"')
})

test('is prepared only on demand, each variant of the text under another name', () => {
  const once = (text: string) => toQueryConfig(statement('list of all', text, {}, { plan: 'once' })).name
  expect(once('SELECT 1')).toMatch(/^list of all [\w-]{12}$/)
  expect(once('SELECT 1')).toBe(once('SELECT 1'))
  expect(once('SELECT 1')).not.toBe(once('SELECT 2'))
  expect(toQueryConfig(statement('list of all', 'SELECT 1'))).toEqual({
    text: '/* list of all */ SELECT 1',
    values: [],
  })
})

test('two statements may have one text', () => {
  expect(statement('one', 'SELECT 1').text).toBe('/* one */ SELECT 1')
  expect(statement('other', 'SELECT 1').text).toBe('/* other */ SELECT 1')
})

test.each(['', 'a */ b', 'a'.repeat(49)])('refuses the name "%s"', name => {
  expect(() => statement(name, 'SELECT 1')).toThrow('is no name of a statement')
})
