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
  let produced = false
  producer.on(producer.events.REQUEST, ({ payload: { apiName } }) => {
    if (apiName === 'AddPartitionsToTxn') {
      failpoint('append-after-add-partitions')
      setImmediate(() => failpoint('append-produce-sent'))
    } else if (apiName === 'Produce') {
      produced = true
      failpoint('append-after-produce')
    } else if (apiName === 'GroupCoordinator' && produced) {
      // EndTxn is preceded by the question who coordinates.
      produced = false
      setImmediate(() => failpoint('append-end-sent'))
    }
  })
}
