import type { Producer } from 'kafkajs'
import { failpoint, isArmed } from '#libs/failpoint'

/**
 * Passes the failpoints inside of a Kafka transaction. kafkajs offers no place between its requests, but tells of each answer
 * before it goes on; one turn of the event loop later the next request is on its way.
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
      // By then the commit was asked for; where its coordinator had to be asked for first, EndTxn follows later.
      setImmediate(() => setImmediate(() => failpoint('append-end-sent')))
    }
  })
}
