import { MEMORY_GROWTH, type Finding } from '../observe/findings.js'
import type { Outcome } from './outcome.js'

export interface Verdict {
  /** `undefined`: the figures don't tell. */
  holds: boolean | undefined
  text: string
}

/** What must hold of a soak, and whether it does. */
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
          ? `answered 201/200 = events in the log = rows: ${expected.log} events of ${expected.streams} deployments${unknown > 0 ? `, and up to ${unknown} whose answer is not known` : ''}`
          : `answered and found differ: ${differences.map(name => `${name} ${counted[name]} instead of ${expected[name]}`).join(', ')}`,
    },
    judged(memory, `memory grows by less than ${MEMORY_GROWTH * 100} % an hour`),
    judged(lag ? [lag] : [], 'the lag grows in an hour by less than comes in a second'),
    settled === undefined
      ? { holds: false, text: 'the lag returns to 0 after the last answer: not in two minutes' }
      : { holds: true, text: `the lag returns to 0 after the last answer: in ${settled.toFixed(1)} s` },
  ]
}

function judged(findings: Finding[], text: string): Verdict {
  const named = (judgement: string) => findings.filter(each => each.judgement === judgement).map(({ name }) => name)
  const [growing, unsure] = [named('grows'), named('not told')]
  if (growing.length > 0) return { holds: false, text: `${text}: not so of ${growing.join('; ')}` }
  if (findings.length === 0) return { holds: undefined, text: `${text}: too few figures` }
  if (unsure.length > 0)
    return { holds: undefined, text: `${text}: too short or too restless to tell of ${unsure.join('; ')}` }
  return { holds: true, text }
}
