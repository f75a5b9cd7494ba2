/** Wakes one loop. A call before the loop waits is not lost. */
export class Wake {
  private pending = false
  private resolve?: () => void

  call(): void {
    this.pending = true
    this.resolve?.()
  }

  /** Resolves at the next call, immediately if a call was made before, or after a number of milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.pending) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.resolve = resolve
        timer = setTimeout(resolve, milliseconds)
      })
      clearTimeout(timer)
      this.resolve = undefined
    }
    this.pending = false
  }
}

/** Settles with the work, but rejects with the signal's reason if that aborts first, or with an error after a number of milliseconds. */
export async function within<T>(
  work: Promise<T>,
  milliseconds: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} took longer than ${milliseconds} ms`)), milliseconds)
        if (!signal) return
        abort = () => reject(signal.reason as Error)
        if (signal.aborted) abort()
        signal.addEventListener('abort', abort, { once: true })
      }),
    ])
  } finally {
    clearTimeout(timer)
    if (abort) signal?.removeEventListener('abort', abort)
  }
}
