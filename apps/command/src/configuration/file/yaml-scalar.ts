import { numberFault } from '#libs/contracts'

/** A scalar by the YAML 1.2 core schema (section 10.3.2), or why JSON cannot represent it. */
export type CoreScalar = { value: null | boolean | number | string } | { fault: string }

const integer = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

const readers: Record<string, (text: string) => CoreScalar | undefined> = {
  null: text => (/^(?:~|null|Null|NULL)?$/.test(text) ? { value: null } : undefined),
  bool: text => (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text) ? { value: /^t/i.test(text) } : undefined),
  int: text => (integer.test(text) ? readNumber(text) : undefined),
  float: text => {
    if (notFinite.test(text)) return { fault: 'is a number that JSON cannot represent' }
    return decimal.test(text) ? readNumber(text) : undefined
  },
  str: text => ({ value: text }),
}

/** Resolves a plain scalar without a tag. */
export function readPlainScalar(text: string): CoreScalar {
  const { null: nothing, bool, int, float } = readers
  return nothing!(text) ?? bool!(text) ?? int!(text) ?? float!(text) ?? { value: text }
}

/** Resolves a scalar with a tag such as `!!int`; `undefined`: not a scalar tag of the core schema. */
export function readTaggedScalar(tag: string, text: string): CoreScalar | undefined {
  const name = tag.startsWith('!!') ? tag.slice(2) : ''
  if (!Object.hasOwn(readers, name)) return undefined
  return readers[name]!(text) ?? { fault: `does not fit its tag ${tag}` }
}

function readNumber(numeral: string): CoreScalar {
  const fault = numberFault(numeral)
  return fault === undefined ? { value: Number(numeral) } : { fault }
}
