import { verifyLog, type VerifyLine } from '#libs/event-log'
import { logPositions } from '#libs/ledger'
import { MODELS, VERIFY_SCHEMA } from '#libs/read-models'
import { count, print, report } from '../process/output.js'
import { buildNextVersion, catchUp, compare, type NextVersion } from '../replay/next-version.js'
import { defineCommand, exitCodes } from './command.js'

const REPORT_EVERY_MS = 2000

export const verify = defineCommand({
  name: 'verify',
  summary:
    'Verifies the hash chains of the log, then replays the log and compares the live read models with the result.',
  options: {},

  run(_values, servers, signal) {
    return buildNextVersion(servers, { schema: VERIFY_SCHEMA, anew: true }, signal, async next => {
      try {
        const isValid = await verifyChains(next, signal)
        await catchUp(next)
        const equal = await compare(next, MODELS)
        print(`read models: ${equal ? 'equal to' : 'differ from'} a replay of the log`)
        return isValid && equal ? exitCodes.ok : exitCodes.differs
      } finally {
        await next.replay.stop()
        await next.rebuild.discard()
      }
    })
  },
})

async function verifyChains({ eventLog, rebuild }: NextVersion, signal: AbortSignal): Promise<boolean> {
  // The ledger's positions first: everything that it has read back by then is in front of these ends.
  const known = await logPositions(rebuild.next.query)
  const ends = await eventLog.endOffsets()
  let reportedAt = performance.now()
  let last: VerifyLine | undefined
  for await (const line of verifyLog(eventLog, { known, ends, signal })) {
    last = line
    if (line.type !== 'progress' || performance.now() - reportedAt < REPORT_EVERY_MS) continue
    reportedAt = performance.now()
    report(`${count(line.events)} events of the log verified`)
  }
  signal.throwIfAborted()
  if (last?.type !== 'verdict') throw new Error('the log was not read')
  const { verdict, events, seconds, faults, faultCount, detail } = last
  print(`log: ${verdict}, ${count(events)} events in ${seconds.toFixed(1)} s${detail ? `: ${detail}` : ''}`)
  for (const { partition, seq, offset, detail: fault } of faults)
    print(`  ${partition}:${seq} at offset ${offset} ${fault}`)
  if (faultCount > faults.length) print(`  and ${count(faultCount - faults.length)} more`)
  return verdict === 'valid'
}
