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

/** The state of a decider after the golden events. */
function folded({ category, initial, evolve }: (typeof deciders)[number]): unknown {
  const ofCategory = ({ metadata }: LoggedEvent) => metadata.streamId.startsWith(`${category}-`)
  const state = events.filter(ofCategory).reduce((state, { event }) => evolve(state, event), initial)
  return JSON.parse(JSON.stringify(state))
}

/**
 * The index stores states of one version; with another version it is replayed from the log. Whoever changes the form of a state
 * raises `stateVersion` and adds a golden file. The files of earlier versions are never overwritten.
 */
it.each(deciders)('the folded state of $category equals the golden file of version $stateVersion', decider => {
  const { category, stateVersion } = decider
  const golden = join(__dirname, '../golden', `${category}.v${stateVersion}.json`)
  expect(folded(decider)).toEqual(JSON.parse(readFileSync(golden, 'utf8')))
})

it.each(deciders)('every state version of $category has a golden file', ({ category, stateVersion }) => {
  const files = readdirSync(join(__dirname, '../golden')).filter(file => file.startsWith(`${category}.v`))
  expect(files).toHaveLength(stateVersion)
})
