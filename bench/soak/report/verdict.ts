import { MEMORY_GROWTH, type Finding } from '../observe/findings.js'
import type { Outcome } from './outcome.js'

export interface Verdict {
  /** `undefined` if undecided. */
  holds: boolean | undefined
  text: string
}

/** The conditions of a soak test, and whether they hold. */
export function verdicts(outcome: Outcome, findings: Finding[]): Verdict[] {
  const memory = findings.filter(({ unit, judgement }) => unit === 'MiB' && judgement)
  const lag = findings.find(({ name }) => name.startsWith('lag'))
  const { whole, settled, expected, unknown, counted } = outcome
  const differences = (Object.keys(expected) as (keyof typeof expected)[]).filter(
    name => counted[name] < expected[name] || counted[name] > expected[name] + unknown,
  )
  return [
    { holds: whole.failed === 0, text: `failed requests: ${whole.failed} of ${whole.sent}` },
    {
      holds: differences.length === 0,
      text:
        differences.length === 0
          ? `answered 201/200 = events in the log = rows: ${expected.log} events of ${expected.streams} deployments${unknown > 0 ? `, and up to ${unknown} with an unknown result` : ''}`
          : `responses and rows differ: ${differences.map(name => `${name} ${counted[name]} instead of ${expected[name]}`).join(', ')}`,
    },
    judged(memory, `memory grows by less than ${MEMORY_GROWTH * 100} % per hour`),
    judged(lag ? [lag] : [], 'the lag grows per hour by less than the events of a second'),
    settled === undefined
      ? { holds: false, text: 'the lag returns to 0 after the last response: not within two minutes' }
      : { holds: true, text: `the lag returns to 0 after the last response: in ${settled.toFixed(1)} s` },
  ]
}

function judged(findings: Finding[], text: string): Verdict {
  const named = (judgement: string) => findings.filter(each => each.judgement === judgement).map(({ name }) => name)
  const [growing, unsure] = [named('grows'), named('undecided')]
  if (growing.length > 0) return { holds: false, text: `${text}: not for ${growing.join('; ')}` }
  if (findings.length === 0) return { holds: undefined, text: `${text}: too few values` }
  if (unsure.length > 0)
    return { holds: undefined, text: `${text}: run too short or values too scattered for ${unsure.join('; ')}` }
  return { holds: true, text }
}
