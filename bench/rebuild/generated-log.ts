import { formatInstant } from '#libs/contracts'
import { chain, emptyTail, type EventLog, type Tail } from '#libs/event-log'
import { madeUpDeployments, take } from '../harness/load/deployments.js'
import { decide } from '../raw/decision.js'

const GROUP = 1000

/** Creates a topic and fills it with generated deployments, with one group at a time in memory. @returns events of each partition */
export async function generateLog(log: EventLog, events: number): Promise<Map<number, number>> {
  const now = formatInstant(new Date())
  // The interval keeps ten million deployments in the past; future ones are refused.
  const deployments = madeUpDeployments(8, 2000)
  const tails = new Map<number, Tail>()
  const counts = new Map<number, number>()
  await log.prepare()
  const appender = await log.openAppender()
  try {
    for (let done = 0; done < events; done += GROUP) {
      const group = [...take(deployments, Math.min(GROUP, events - done))].map(deployment => {
        const { event: decided } = decide(deployment, now)
        const { partition } = decided
        const { event, tail } = chain(decided, tails.get(partition) ?? emptyTail)
        tails.set(partition, tail)
        counts.set(partition, (counts.get(partition) ?? 0) + 1)
        return { ...event, partition }
      })
      await appender.append(group)
    }
  } finally {
    await appender.close()
  }
  return counts
}
