import { verifyLog, type VerifyLine } from '#libs/event-log'
import { logPositions } from '#libs/ledger'
import { MODELS, VERIFY_SCHEMA } from '#libs/read-models'
import { building, catchUp, compare, type Building } from '../replay/next-version.js'
import { answer, count, tell } from '../process/output.js'
import type { Servers } from '../process/servers.js'

/** Walks the hash chains, folds the log anew, and compares the live read models with that. False: something is not as it must be. */
export function verify(servers: Servers, signal: AbortSignal): Promise<boolean> {
  return building(servers, { schema: VERIFY_SCHEMA, anew: true }, signal, async made => {
    try {
      const whole = await walkChains(made, signal)
      await catchUp(made)
      const equal = await compare(made, MODELS)
      answer(
        equal ? 'read models: equal to a fresh fold of the log' : 'read models: differ from a fresh fold of the log',
      )
      return whole && equal
    } finally {
      await made.fold.stop()
      await made.rebuild.discard()
    }
  })
}

async function walkChains({ eventLog, rebuild }: Building, signal: AbortSignal): Promise<boolean> {
  // What the ledger knows first: whatever it has read back by then stands before these ends.
  const known = await logPositions((text, values = []) => rebuild.next.query({ text, values }))
  const ends = await eventLog.endOffsets()
  let told = performance.now()
  let last: VerifyLine | undefined
  for await (const line of verifyLog(eventLog, { known, ends, signal })) {
    last = line
    if (line.type !== 'progress' || performance.now() - told < 2000) continue
    told = performance.now()
    tell(`${count(line.events)} events of the log walked over`)
  }
  signal.throwIfAborted()
  if (last?.type !== 'verdict') throw new Error('the log was not read')
  const { verdict, events, seconds, faults, faultCount, detail } = last
  answer(`log: ${verdict}, ${count(events)} events in ${seconds.toFixed(1)} s${detail ? `: ${detail}` : ''}`)
  for (const { partition, seq, offset, detail: fault } of faults)
    answer(`  ${partition}:${seq} at offset ${offset} ${fault}`)
  if (faultCount > faults.length) answer(`  and ${count(faultCount - faults.length)} more`)
  return verdict === 'valid'
}
