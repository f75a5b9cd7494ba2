import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventTypes } from './event-types.js'

const folder = join(__dirname, '../../event-schemas')
const published = Object.values(eventTypes)
const fileOf = (ceType: string) => `${ceType.replace('io.shiplog.', '')}.json`

/** A published schema only ever gains optional members: any other change is a new version of the event type. */
it.each(published)('the schema of $ceType is the published one', ({ ceType, schema }) => {
  const golden: unknown = JSON.parse(readFileSync(join(folder, fileOf(ceType)), 'utf8'))
  const text = JSON.stringify(schema)
  expect(JSON.parse(text)).toEqual(golden)
  // The order of members, too: it is the order in the API document.
  expect(text).toBe(JSON.stringify(golden))
})

it('has no published schema of another event type', () => {
  expect(readdirSync(folder).toSorted()).toEqual(published.map(({ ceType }) => fileOf(ceType)).toSorted())
})
