import type { Socket } from 'node:net'

/** What a proxy lets through at this moment; every relay of it looks here. */
export interface Passage {
  latencyMs: number
  /** From the client to the server. */
  requests: boolean
  answers: boolean
}

/** One connection through a proxy: the client's side and the server's. */
export class Relay {
  /** Whether anything was swallowed: what comes later would not fit. */
  torn: boolean

  constructor(
    private readonly near: Socket,
    private readonly far: Socket | undefined,
    private readonly passage: Passage,
  ) {
    this.torn = far === undefined
    this.carry(near, far, () => passage.requests)
    if (far) this.carry(far, near, () => passage.answers)
  }

  reset(): void {
    this.near.resetAndDestroy()
    this.far?.resetAndDestroy()
  }

  /** Calls back once both sides have gone. */
  onClosed(callback: () => void): void {
    const sides = [this.near, this.far].filter(side => side !== undefined)
    for (const side of sides) side.once('close', () => sides.every(({ closed }) => closed) && callback())
  }

  private carry(from: Socket, to: Socket | undefined, passes: () => boolean): void {
    let waiting = 0
    let before = Promise.resolve()
    // In order, also when the latency changes meanwhile.
    const deliver = (act: () => void) => {
      const ms = this.passage.latencyMs
      if (ms === 0 && waiting === 0) return act()
      waiting++
      const over = new Promise<void>(resolve => setTimeout(resolve, ms))
      before = before.then(() => over).then(() => (waiting--, act()))
    }
    const swallowed = () => {
      if (passes() && to) return false
      this.torn = true
      return true
    }
    from.on('data', chunk => {
      if (swallowed()) return
      deliver(() => {
        if (!to || to.destroyed) return
        if (!to.write(chunk)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
      })
    })
    from.on('error', () => void (swallowed() || to?.resetAndDestroy()))
    from.on('close', hadError => void (hadError || swallowed() || deliver(() => to?.end())))
  }
}
