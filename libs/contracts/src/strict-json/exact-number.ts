const TOO_LARGE = 'is a number beyond 9007199254740991, which cannot be stored exactly: send it as a string'
const TOO_PRECISE = 'is a number with more digits than can be stored exactly: round it, or send it as a string'

/**
 * Why a double cannot represent a number exactly, given its numeral in JSON or YAML's core schema (also hexadecimal and octal);
 * `undefined` if it can. A double represents its shortest decimal form, as for every JSON parser: 0.1 is exact.
 */
export function numberFault(numeral: string): string | undefined {
  const isDecimal = !/^0[xo]/.test(numeral)
  // Doubles represent any 15 significant digits; without an exponent the value is in range.
  if (numeral.length <= 15 && (!isDecimal || !/e/i.test(numeral))) return undefined
  const value = Number(numeral)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return TOO_LARGE
  return !isDecimal || isSameDecimal(numeral, String(value)) ? undefined : TOO_PRECISE
}

function isSameDecimal(a: string, b: string): boolean {
  const [one, other] = [decimalOf(a), decimalOf(b)]
  return one.digits === other.digits && (one.digits === '' || one.exponent === other.exponent)
}

/** A numeral without its sign as `0.digits * 10^exponent`, without leading and trailing zeros. */
function decimalOf(numeral: string): { digits: string; exponent: number } {
  const [significand = '', exponent = '0'] = numeral.replace(/^[+-]/, '').split(/e/i)
  const [whole = '', fraction = ''] = significand.split('.')
  const all = whole + fraction
  let start = 0
  while (all[start] === '0') start++
  let end = all.length
  while (end > start && all[end - 1] === '0') end--
  return { digits: all.slice(start, end), exponent: Number(exponent) + whole.length - start }
}
