import type { Command, Option } from './command.js'

const WIDTH = 110
/** Where descriptions of options begin. */
const COLUMN = 21

/** The help of all commands. */
export function helpOf(commands: readonly Command[]): string {
  return `Usage: shiplog-admin <command> [options]

${commands.map(helpOfCommand).join('\n')}
Exit codes: 0 done, and nothing differs; 1 read models differ, or the log is broken; 2 failed; 130 interrupted.
Kafka and PostgreSQL: KAFKA_BROKERS and DATABASE_URL, else those of the npm start that is running.
`
}

function helpOfCommand({ name, summary, options }: Command): string {
  const lines = Object.entries(options).map(([option, description]) => helpOfOption(option, description))
  return `${name}\n${wrapped(summary, 2)}\n${lines.length > 0 ? `\n${lines.join('')}` : ''}`
}

function helpOfOption(name: string, { type, description, choices }: Option): string {
  const flag = type === 'list' ? `--${name} <name>` : `--${name}`
  const text = choices ? `${description} Names: ${choices.join(', ')}.` : description
  return `  ${flag.padEnd(COLUMN - 2)}${wrapped(text, COLUMN).trimStart()}\n`
}

/** Text in lines of at most WIDTH characters, indented. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && indent + line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] += ` ${word}`
    else lines.push(word)
  }
  return lines.map(line => ' '.repeat(indent) + line).join('\n')
}
