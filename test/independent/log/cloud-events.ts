import { type CloudEvent, Kafka } from 'cloudevents'
import type { RawRecord } from './log-reader.js'

/** What the CloudEvents library has against these records as CloudEvents 1.0 in Kafka's binary mode; empty: nothing. */
export function cloudEventFindings(records: RawRecord[]): string[] {
  return records.flatMap(({ partition, offset, key, value, headers }) => {
    // Its type knows nothing of `key` and `value`, which it reads.
    const message = { key, value, headers, body: value }
    try {
      const event = Kafka.toEvent(message) as CloudEvent
      if (event.specversion !== '1.0') throw new Error(`specversion is ${event.specversion}`)
      // What the library leaves to others: strict is about types of attributes, not about the form of the time.
      if (!/^\d{4}-\d\d-\d\dT.+Z$/.test(headers['ce_time'] ?? '')) throw new Error(`time is ${headers['ce_time']}`)
      if (!event.validate()) throw new Error('it is not valid')
      return []
    } catch (error) {
      return [`partition ${partition}, offset ${offset}: ${(error as Error).message}`]
    }
  })
}
