import { named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, enumOf, instant, integer, response, string, typed } from './schema/parts.js'

const partition = integer('Number of the Kafka partition, from 0.')
const seq = (description: string) => integer(`${description} 0: there is none.`)
/** As verification reads it from records, which may be of anybody. */
const readSeq = (description: string) => ({
  ...seq(`${description} \`null\`: the record has no valid number.`),
  type: ['integer', 'null'],
})

/** The progress of a partition: an item of the positions of the log. */
const logPositionSchema = named(
  'LogPosition',
  response(
    {
      partition,
      seq: seq('Number of the last event that the ledger has confirmed.'),
      offset: integer('Next Kafka offset to be read.'),
      hash: string('SHA-256 of that event in hexadecimal; the next event contains it.'),
      updatedAt: instant('Time of the confirmation.'),
      projected: seq('Number of the last event that the read models reflect.'),
    },
    ['partition', 'seq', 'offset', 'hash', 'updatedAt', 'projected'],
  ),
)
export type LogPosition = FromSchema<typeof logPositionSchema>
export const logPositionsSchema = arrayOf(logPositionSchema, 'The position of each partition.')

const events = integer('Number of events verified so far.')
const progress = named(
  'VerificationProgress',
  response(
    {
      type: { type: 'string', enum: ['progress'] },
      partition,
      seq: readSeq('Number of the last verified event.'),
      offset: integer('Next Kafka offset to be read.'),
      endOffset: integer('Offset at which the verification of the partition ends.'),
      events,
    },
    ['type', 'partition', 'seq', 'offset', 'endOffset', 'events'],
  ),
)
const fault = named(
  'ChainFault',
  response(
    {
      partition,
      seq: readSeq('Number of the last event before the fault, or of the event itself.'),
      offset: integer('Kafka offset of the record; -1: the end of the partition.'),
      detail: string('What is wrong.'),
    },
    ['partition', 'seq', 'offset', 'detail'],
  ),
)
const verdict = named(
  'VerificationVerdict',
  response(
    {
      type: { type: 'string', enum: ['verdict'] },
      verdict: enumOf(['valid', 'broken', 'incomplete'], '`incomplete`: the log could not be read to its end.'),
      events,
      partitions: {
        type: 'object',
        description: 'Number of the last event of each partition, by number of the partition.',
        additionalProperties: readSeq('Number of the last event.'),
      },
      seconds: typed('number', 'Duration of the verification in seconds.'),
      faults: arrayOf(fault, 'The first 100 faults.'),
      faultCount: integer('Number of all faults.'),
      detail: string('Why the log could not be read to its end.'),
    },
    ['type', 'verdict', 'events', 'partitions', 'seconds', 'faults', 'faultCount'],
  ),
)
const lines = [
  { type: 'progress', partition: 3, seq: 17, offset: 41, endOffset: 41, events: 17 },
  { type: 'verdict', verdict: 'valid', events: 17, partitions: { 3: 17 }, seconds: 0.4, faults: [], faultCount: 0 },
]

/** The response of the verification of the log: JSON lines. `contentSchema` is that of each line. */
export const verificationSchema = {
  type: 'string',
  description: 'A `VerificationProgress` in each line, and a `VerificationVerdict` in the last one.',
  contentMediaType: 'application/x-ndjson',
  contentSchema: { oneOf: [progress, verdict] },
} as const

/** Examples of responses. */
export const logExamples = {
  positions: [
    {
      partition: 3,
      seq: 17,
      offset: 41,
      hash: '3f0a1b7c9d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde',
      updatedAt: '2026-02-12T10:05:01.230Z',
      projected: 17,
    },
  ] satisfies LogPosition[],
  verification: lines.map(line => JSON.stringify(line)).join('\n'),
}
