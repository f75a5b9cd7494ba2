import fc from 'fast-check'
import { numberFault } from '../index.js'

describe('numberFault', () => {
  it.each([
    ...'0 -0 1.0 1.10 1e3 1E3 0.1 -12.5e-3 9007199254740991 -9007199254740991 0.30000000000000004 5e-324 1e15 1e-7'.split(
      ' ',
    ),
    ...'0e999999999999999999999 9007199254740991.0 900719925474099100e-2 0x1fffffffffffff 0o377777777777777777'.split(
      ' ',
    ),
    ...'0xe +1 .5 1.'.split(' '),
    `0.${'0'.repeat(400)}`,
    `${'0'.repeat(400)}1`,
  ])('accepts %s', numeral => {
    expect(numberFault(numeral)).toBeUndefined()
  })

  it.each([
    ...'9007199254740992 -9007199254740993 3791411052119578828 1e16 1e400 -1E400 9007199254740993.0'.split(' '),
    ...'0x20000000000000 0o400000000000000000 1e99999999999999999999'.split(' '),
  ])('rejects %s as too large', numeral => {
    expect(numberFault(numeral)).toMatch(/beyond 9007199254740991/)
  })

  it('rejects 100,000 digits as too large or too precise', () => {
    expect(numberFault('1'.repeat(100_000))).toMatch(/beyond 9007199254740991/)
    expect(numberFault(`0.${'1'.repeat(100_000)}`)).toMatch(/more digits/)
  })

  it.each(['0.1234567890123456789', '1e-400', '4e-324', '0.1000000000000000055511151231257827', '4503599627370496.3'])(
    'rejects %s as too precise',
    numeral => {
      expect(numberFault(numeral)).toMatch(/more digits/)
    },
  )

  it('accepts only numerals that a double represents exactly', () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/)
    const exponent = fc.option(fc.integer({ min: -330, max: 330 }), { nil: undefined })
    const numeral = fc.tuple(fc.constantFrom('', '-'), digits, fc.option(digits, { nil: undefined }), exponent)
    fc.assert(
      fc.property(numeral, ([sign, whole, fraction = '', power = 0]) => {
        const text = `${sign}${whole}${fraction && `.${fraction}`}${power && `e${power}`}`
        if (numberFault(text) !== undefined) return
        expect(scaled(String(Number(text)))).toBe(scaled(text))
      }),
      { numRuns: 5000 },
    )
  })

  it('accepts every double in the safe range', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -9007199254740991, max: 9007199254740991 }), number => {
        expect(numberFault(String(number))).toBeUndefined()
        expect(numberFault(number.toExponential())).toBeUndefined()
      }),
    )
  })
})

/** A numeral as an integer, in units of 1e-400. */
function scaled(numeral: string): bigint {
  const [significand = '', exponent = '0'] = numeral.split('e')
  const [whole = '', fraction = ''] = significand.split('.')
  return BigInt(whole + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length)
}
