import { isDeepStrictEqual } from 'node:util'

/** Where two lists differ: the first few pairs, and their lengths if these differ. Fast on lists that are long and equal. */
export function differences(actual: unknown[], expected: unknown[]): object[] {
  const found: object[] = []
  if (actual.length !== expected.length) found.push({ actual: actual.length, expected: expected.length, of: 'length' })
  for (let index = 0; index < Math.min(actual.length, expected.length) && found.length < 5; index++) {
    if (isDeepStrictEqual(actual[index], expected[index])) continue
    found.push({ index, actual: actual[index], expected: expected[index] })
  }
  return found
}
