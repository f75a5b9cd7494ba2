import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEvent, type LoggedEvent } from '#libs/contracts'
import { deciders } from './index.js'

const events = readdirSync(join(__dirname, '../../contracts/golden'))
  .map(file => {
    const { key, headers, value } = JSON.parse(readFileSync(join(__dirname, '../../contracts/golden', file), 'utf8'))
    const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text as string)])
    return decodeEvent({
      partition: 0,
      key: Buffer.from(key),
      value: Buffer.from(JSON.stringify(value)),
      headers: Object.fromEntries(bytes),
    })
  })
  .toSorted((a, b) => a.metadata.streamVersion - b.metadata.streamVersion || (a.event.type < b.event.type ? -1 : 1))

/** What the golden events make of a decider's state. */
function folded({ category, initial, evolve }: (typeof deciders)[number]): unknown {
  const ofCategory = ({ metadata }: LoggedEvent) => metadata.streamId.startsWith(`${category}-`)
  const state = events.filter(ofCategory).reduce((state, { event }) => evolve(state, event), initial)
  return JSON.parse(JSON.stringify(state))
}

/**
 * An index keeps states in the form of one version, and is folded from the log again by another. Whoever changes a form raises
 * `stateVersion`, and writes the state of that version beside those before it, which stay as they are.
 */
it.each(deciders)('a state of $category has the form of its version, $stateVersion', decider => {
  const { category, stateVersion } = decider
  const golden = join(__dirname, '../golden', `${category}.v${stateVersion}.json`)
  expect(folded(decider)).toEqual(JSON.parse(readFileSync(golden, 'utf8')))
})

it.each(deciders)('the version of $category follows those before it', ({ category, stateVersion }) => {
  const files = readdirSync(join(__dirname, '../golden')).filter(file => file.startsWith(`${category}.v`))
  expect(files).toHaveLength(stateVersion)
})
