import { setTimeout as pause } from 'node:timers/promises'
import { EventLog } from '#libs/event-log'
import { emptyIndex, Ledger } from '#libs/ledger'
import type { RebuildIndexCommand } from './arguments.js'
import { eventsIn } from '../replay/log-replay.js'
import { logger, tell } from '../process/output.js'
import { Progress } from '../process/progress.js'
import type { Servers } from '../process/servers.js'

const LOOK_EVERY_MS = 100

/**
 * Empties the ledger's index, and waits until the log is folded into it again. It takes part in appending like any replica: where no app
 * runs, it is the one that appends what was decided before, and that folds.
 */
export async function rebuildIndex(
  { databaseUrl, kafkaBrokers: brokers, topic }: Servers,
  { discardPending }: RebuildIndexCommand,
  signal: AbortSignal,
): Promise<void> {
  const log = new EventLog({ brokers, topic, clientId: 'shiplog-cli', logger })
  try {
    const ledger = await Ledger.open({ databaseUrl, log, logger })
    try {
      const total = eventsIn(await ledger.positions())
      await emptyIndex({ databaseUrl, log, discardPending, signal })
      tell('The index is emptied. Until the log is folded into it again, by this or by an app, nothing is decided.')
      await folded(ledger, total, signal)
    } finally {
      await ledger.close()
    }
  } finally {
    await log.close()
  }
}

async function folded(ledger: Ledger, total: number, signal: AbortSignal): Promise<void> {
  const fold = { events: 0 }
  const progress = new Progress(fold, total)
  try {
    for (;;) {
      const { open } = await ledger.health()
      fold.events = eventsIn(await ledger.positions())
      if (open) return
      await pause(LOOK_EVERY_MS, undefined, { signal })
    }
  } finally {
    progress.end()
  }
}
