import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEvent, encodeEvent, eventTypes } from './index.js'

const folder = join(__dirname, '../golden')
const golden = readdirSync(folder).map(file => ({
  file,
  // A further golden event of a type has a name behind the version.
  ceType: `io.shiplog.${/^.+\.v\d+/.exec(file)![0]}`,
  ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    key: string
    headers: Record<string, string>
    value: Record<string, unknown>
  }),
}))

/** Events are immutable: a golden event must decode in all later versions. */
describe.each(golden)('the golden event $file', ({ ceType, key, headers, value }) => {
  const record = {
    partition: 0,
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(value)),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  }

  it('decodes to its data', () => {
    const { event, metadata } = decodeEvent(record)
    const { type, ...data } = event
    expect(eventTypes[type].ceType).toBe(ceType)
    expect(data).toEqual(value)
    expect(metadata.streamId).toBe(headers['ce_subject'])
  })

  it('encodes to the same bytes again', () => {
    const encoded = encodeEvent(decodeEvent(record), /\/(.+)/.exec(key)?.[1])
    const { ce_ledgerseq: _, ce_prevhash: __, ...decided } = headers
    expect(encoded).toEqual({ key, value: JSON.stringify(value), headers: decided })
  })
})

it('every event type has a golden event', () => {
  const types = Object.values(eventTypes).map(({ ceType }) => ceType)
  expect([...new Set(golden.map(({ ceType }) => ceType))].toSorted()).toEqual(types.toSorted())
})
