import type { HttpProblem } from '#libs/http'
import { fileTypes, readConfigurationFile } from './configuration-file.js'

/** The values of a JSON file, or the errors of the problem that reading it throws. */
function errorsOf(text: string | undefined, flatten = false): unknown {
  try {
    return readConfigurationFile(text, 'application/json', { flatten })
  } catch (problem) {
    return (problem as HttpProblem).errors
  }
}

describe('readConfigurationFile', () => {
  it.each(fileTypes)('rejects a missing file of type %s', mediaType => {
    expect(() => readConfigurationFile(undefined, mediaType)).toThrow(/is missing: send an object of values by key/)
  })

  it.each(['null', ' null\n'])('rejects a null document: %j', text => {
    expect(errorsOf(text)).toEqual([{ pointer: '', detail: expect.stringMatching(/^is empty/) }])
  })

  it('accepts an empty JSON object', () => {
    expect(errorsOf(' {}\n')).toEqual({})
  })

  it.each([
    ['[1]', '', 'must be object'],
    ['"a"', '', 'must be object'],
    ['', '', 'is not JSON: it cannot be parsed at character 1'],
    ['{\n"a": 1,\n"a": 2}', '/a', 'occurs twice in its object: remove one of the two (line 3)'],
    ['{\n"a": {"__proto__": 2}}', '/a/__proto__', 'must not be named __proto__ (line 2)'],
    ['{\n"a": 12345678901234567890}', '/a', expect.stringMatching(/beyond.*\(line 2\)$/)],
    ['{\n"a": 1,\n"": 2}', '/', 'must NOT have fewer than 1 characters (line 3)'],
    ['{"a": {"b\\n": 1},\n"b\\n": 2}', '/b\n', 'must not contain control characters (line 2)'],
  ])('rejects JSON with the pointer and line of the error: %j', (text, pointer, detail) => {
    expect(errorsOf(text)).toEqual([{ pointer, detail }])
  })

  it('flattens JSON, and reports errors at their location in the file', () => {
    expect(errorsOf('{"a": {"b": 1, "c": {}}, "d": [{"e": 1}]}', true)).toEqual({ 'a.b': 1, 'a.c': {}, d: [{ e: 1 }] })
    expect(errorsOf('{"a.b": 1,\n"a": {\n"b": 2}}', true)).toEqual([
      { pointer: '/a/b', detail: 'results in a key that occurs twice: rename one of them (line 3)' },
    ])
    expect(errorsOf('{"a": {\n"b\\n": 1,\n"c\\n": 2}}', true)).toEqual([
      { pointer: '/a/b\n', detail: 'must not contain control characters (line 2)' },
      { pointer: '/a/c\n', detail: 'must not contain control characters (line 3)' },
    ])
  })

  it('reports the first 20 of thousands of invalid keys', () => {
    const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`\n${n}`, 1]))
    const errors = errorsOf(JSON.stringify(keys, null, 1)) as object[]
    expect(errors).toHaveLength(20)
    expect(errors.at(-1)).toEqual({ pointer: '/\n19', detail: 'must not contain control characters (line 21)' })
  })
})
