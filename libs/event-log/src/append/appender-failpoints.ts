import type { Producer } from 'kafkajs'
import { failpoint, isArmed } from '#libs/failpoint'

/**
 * Passes the failpoints within a Kafka transaction. kafkajs has no hooks between its requests, but emits an event for each response
 * before it continues; one turn of the event loop later the next request is sent.
 */
export function passFailpoints(producer: Producer): void {
  const wanted = [
    'append-after-add-partitions',
    'append-produce-sent',
    'append-after-produce',
    'append-end-sent',
  ] as const
  if (!isArmed(...wanted)) return
  producer.on(producer.events.REQUEST, ({ payload: { apiName } }) => {
    if (apiName === 'AddPartitionsToTxn') {
      failpoint('append-after-add-partitions')
      setImmediate(() => failpoint('append-produce-sent'))
    } else if (apiName === 'Produce') {
      failpoint('append-after-produce')
      // The commit was requested by then; if its coordinator must be looked up first, EndTxn is sent later.
      setImmediate(() => setImmediate(() => failpoint('append-end-sent')))
    }
  })
}
