import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CodeBlock, codeBlocks } from './markdown.js'

/** A block that the page has people run, and the block with its output behind it. */
export interface Example {
  command: CodeBlock
  output?: CodeBlock
}

const SERVICE = /http:\/\/(localhost|127\.0\.0\.1):8888/g
const BLOCK_LIMIT_MS = 60_000

/** The commands of a page in their order, but those that start or test the product. */
export function examplesOf(markdown: string): Example[] {
  const blocks = codeBlocks(markdown)
  return blocks.flatMap((command, index) => {
    if (command.language !== 'sh' || /^(npm|docker) /.test(command.text)) return []
    const next = blocks[index + 1]
    return [{ command, ...(next && next.language !== 'sh' && { output: next }) }]
  })
}

/** A shell in an empty folder that runs one block after the other against a service, as a reader of the page does. */
export class PageSession {
  private readonly folder = mkdtempSync(join(tmpdir(), 'shiplog-docs-'))
  private readonly shell: ChildProcessWithoutNullStreams
  private output = ''
  private changed = () => {}

  constructor(private readonly url: string) {
    this.shell = spawn('bash', { cwd: this.folder, stdio: 'pipe' })
    for (const stream of [this.shell.stdout, this.shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        this.changed()
      })
    }
    this.shell.once('exit', () => this.changed())
  }

  /** What a block prints, on both outputs. Rejects where the shell ends, or the block does not. */
  async run(command: CodeBlock): Promise<string> {
    const end = `end of block ${command.line}`
    this.output = ''
    this.shell.stdin.write(`${command.text.replaceAll(SERVICE, this.url)}\necho '${end}'\n`)
    const deadline = setTimeout(() => this.shell.kill('SIGKILL'), BLOCK_LIMIT_MS)
    try {
      while (!this.output.includes(`${end}\n`)) {
        if (this.shell.exitCode !== null || this.shell.signalCode !== null) {
          throw new Error(`the block at line ${command.line} did not end:\n${this.output}`)
        }
        await new Promise<void>(resolve => (this.changed = resolve))
      }
    } finally {
      clearTimeout(deadline)
    }
    return this.output.slice(0, this.output.indexOf(end))
  }

  close(): void {
    this.shell.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}
