import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Injection } from './injector.js'

/** What happened when, and what the apps logged: a folder that is kept where a check fails. */
export class Protocol {
  readonly folder = mkdtempSync(join(tmpdir(), 'shiplog-faults-'))

  get file(): string {
    return join(this.folder, 'protocol.txt')
  }

  write(line: string): void {
    appendFileSync(this.file, `${line}\n`)
  }

  /** A line for a fault; times are s since `from`. */
  note({ kind, at, endedAt, words, done }: Injection, from: number): void {
    const seconds = (ms: number) => ((ms - from) / 1000).toFixed(3).padStart(9)
    this.write(`${seconds(at)} ${seconds(endedAt)} ${done ? 'injected' : 'MISSED  '} ${kind.name}: ${words}`)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
