const TOO_LARGE = 'is a number beyond 9007199254740991, which does not survive exactly: send it as a string'
const TOO_PRECISE = 'is a number with more digits than survive exactly: round it, or send it as a string'

/**
 * Why a number does not survive exactly in a double, by its numeral in JSON or in YAML's core schema (hexadecimal and octal too);
 * `undefined`: it does. A double stands for its shortest decimal form, as every reader of JSON takes it: 0.1 survives.
 */
export function numberFault(numeral: string): string | undefined {
  const isDecimal = !/^0[xo]/.test(numeral)
  // Any 15 significant digits survive, and no exponent makes them too large or too small.
  if (numeral.length <= 15 && (!isDecimal || !/e/i.test(numeral))) return undefined
  const value = Number(numeral)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return TOO_LARGE
  return !isDecimal || isSameDecimal(numeral, String(value)) ? undefined : TOO_PRECISE
}

function isSameDecimal(a: string, b: string): boolean {
  const [one, other] = [decimalOf(a), decimalOf(b)]
  return one.digits === other.digits && (one.digits === '' || one.exponent === other.exponent)
}

/** A numeral without its sign, as `0.digits * 10^exponent`; neither end of the digits is a zero. */
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
