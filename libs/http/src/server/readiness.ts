/** Health of one part of a process. */
export interface PartHealth {
  ok: boolean
  /** What is wrong, or further information. */
  detail?: string
  /** Further values, such as a lag. */
  [value: string]: unknown
}

export type ReadinessCheck = () => PartHealth | Promise<PartHealth>

export interface ReadinessReport {
  ready: boolean
  parts: Record<string, PartHealth>
}

const CHECK_TIMEOUT_MS = 2000

/** The checks of `/readyz`. Each module adds the parts that it depends on; a check that takes more than 2 s fails. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>()

  /** Adds a part, or replaces the one of that name. */
  add(part: string, check: ReadinessCheck): void {
    this.checks.set(part, check)
  }

  async look(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([part, check]) => [part, await examine(check)] as const),
    )
    return { ready: entries.every(([, { ok }]) => ok), parts: Object.fromEntries(entries) }
  }
}

async function examine(check: ReadinessCheck): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<PartHealth>(resolve => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: `no response within ${CHECK_TIMEOUT_MS} ms` }),
      CHECK_TIMEOUT_MS,
    )
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
