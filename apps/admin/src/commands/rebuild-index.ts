import { setTimeout as pause } from 'node:timers/promises'
import { EventLog } from '#libs/event-log'
import { resetIndex, Ledger } from '#libs/ledger'
import { logger, report } from '../process/output.js'
import { Progress } from '../process/progress.js'
import { eventsIn } from '../replay/log-replay.js'
import { defineCommand, exitCodes } from './command.js'

const POLL_MS = 100

/**
 * Resets the ledger's index and waits until the log is replayed into it. It takes part in appending like any replica: where no app is
 * running, it appends the outbox and replays the log itself.
 */
export const rebuildIndex = defineCommand({
  name: 'rebuild index',
  summary:
    'Resets the index that commands are decided on, and replays the log into it. Apps may keep running: they answer commands with ' +
    '503 until it is done. A command that changed nothing, such as a rejected one, is not in the log: sent again, it is decided again. ' +
    'Run shiplog-admin verify first: the log must be complete.',
  options: {
    'discard-pending': {
      type: 'boolean',
      description:
        'Also reset if decided events are not in the log yet, and lose them. None of them was answered with 201.',
    },
  },

  async run({ 'discard-pending': discardPending }, { databaseUrl, kafkaBrokers: brokers, topic }, signal) {
    const log = new EventLog({ brokers, topic, clientId: 'shiplog-admin', logger })
    try {
      const ledger = await Ledger.open({ databaseUrl, log, logger })
      try {
        const total = eventsIn(await ledger.positions())
        await resetIndex({ databaseUrl, log, discardPending, signal })
        report(
          'The index is reset. Commands are answered with 503 until the log is replayed, by this command or by an app.',
        )
        await replayed(ledger, total, signal)
      } finally {
        await ledger.close()
      }
    } finally {
      await log.close()
    }
    return exitCodes.ok
  },
})

/** Waits until the log is replayed into the index, and reports the progress. */
async function replayed(ledger: Ledger, total: number, signal: AbortSignal): Promise<void> {
  const replay = { events: 0 }
  const progress = new Progress(replay, total)
  try {
    for (;;) {
      const { open } = await ledger.health()
      replay.events = eventsIn(await ledger.positions())
      if (open) return
      await pause(POLL_MS, undefined, { signal })
    }
  } finally {
    progress.end()
  }
}
