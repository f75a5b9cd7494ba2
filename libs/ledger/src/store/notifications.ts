import type { Client } from 'pg'
import type { LogLogger } from '#libs/event-log'
import { ledgerClient } from './postgres.js'

const RECONNECT_MS = 500

/** Listens to notifications of other replicas. It reconnects when the connection is lost; missed notifications are found by polling. */
export class Notifications {
  private client?: Client
  private closed = false
  private timer?: NodeJS.Timeout

  constructor(
    private readonly databaseUrl: string,
    private readonly channels: Record<string, () => void>,
    private readonly logger: LogLogger,
  ) {}

  async start(): Promise<void> {
    if (this.closed) return
    const client = ledgerClient(this.databaseUrl, 'notifications')
    let reconnecting = false
    const reconnect = (error?: Error) => {
      if (reconnecting || this.closed) return
      reconnecting = true
      this.logger.debug('Connection for notifications lost', {
        event: 'ledger.notifications_interrupted',
        error: error?.message,
      })
      void client.end().catch(() => undefined)
      this.timer = setTimeout(() => void this.start(), RECONNECT_MS)
    }
    client.on('error', reconnect)
    client.on('end', () => reconnect())
    client.on('notification', ({ channel }) => this.channels[channel]?.())
    try {
      await client.connect()
      for (const channel of Object.keys(this.channels)) await client.query(`LISTEN ${channel}`)
      this.client = client
      // Notifications may have been missed while disconnected.
      for (const notify of Object.values(this.channels)) notify()
    } catch (error) {
      reconnect(error as Error)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    await this.client?.end().catch(() => undefined)
  }
}
