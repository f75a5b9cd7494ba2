/** A line of a stream, without its end. */
export interface Line {
  /** From 1; blank lines count. */
  number: number
  /** `undefined`: the line is longer than the limit. */
  bytes: Buffer | undefined
}

const LF = 0x0a
const CR = 0x0d

/** Splits a stream of bytes into lines (LF or CRLF). Holds at most one line of `limit` bytes. */
export class LineSplitter {
  private number = 1
  private parts: Buffer[] = []
  private length = 0

  constructor(private readonly limit: number) {}

  /** Adds a chunk; returns the lines that it completes. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.keep(chunk.subarray(start, end))
      lines.push(this.cut())
      start = end + 1
    }
    this.keep(chunk.subarray(start))
    return lines
  }

  /** The last line, if no newline ended it. */
  end(): Line[] {
    return this.length > 0 ? [this.cut()] : []
  }

  private keep(part: Buffer): void {
    this.length += part.length
    // One byte more for the CR that may end it.
    if (this.length > this.limit + 1) this.parts = []
    else if (part.length > 0) this.parts.push(part)
  }

  private cut(): Line {
    const number = this.number++
    const whole = this.length <= this.limit + 1 ? Buffer.concat(this.parts) : undefined
    this.parts = []
    this.length = 0
    const bytes = whole?.at(-1) === CR ? whole.subarray(0, -1) : whole
    return { number, bytes: bytes && bytes.length <= this.limit ? bytes : undefined }
  }
}

/** Whether a line has nothing but white space. */
export function isBlank({ bytes }: Line): boolean {
  return bytes?.every(byte => byte === 0x20 || byte === 0x09 || byte === CR) ?? false
}
