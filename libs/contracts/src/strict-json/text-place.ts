const LF = 0x0a
const CR = 0x0d

/** A place in a text for messages: its character, and its line if the text has several; both counted from 1. */
export function placeIn(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
  const line = lineAt(text, offset)
  const hasLines = line > 1 || /[\r\n]/.test(text)
  return hasLines ? `line ${line}, character ${offset - start + 1}` : `character ${offset + 1}`
}

/** The line of an offset, counted from 1; lines end with LF, CRLF or CR. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = 0; at < offset; at++) {
    const code = text.charCodeAt(at)
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) line++
  }
  return line
}
