import { failpoints, type Failpoint } from './failpoints.js'

/** The armed failpoint of this process, and the passage at which it kills. */
interface Armed {
  name: Failpoint
  passage: number
}

const armed = armedBy(process.env['SHIPLOG_FAILPOINT'])

/**
 * A point at which a test can make the process kill itself by SIGKILL: `SHIPLOG_FAILPOINT=<name>:<n>` does so at the
 * n-th passage (the first by default). Does nothing if the variable is not set.
 */
export const failpoint: (name: Failpoint) => void = armed ? dieAt(armed) : () => undefined

/** Whether one of these failpoints is armed; for points that are costly to detect. */
export function isArmed(...names: Failpoint[]): boolean {
  return armed !== undefined && names.includes(armed.name)
}

function dieAt({ name, passage }: Armed): (name: Failpoint) => void {
  let left = passage
  return passed => {
    if (passed === name && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}

/** Throws if the variable is invalid, since a test that kills nothing would prove nothing. */
function armedBy(variable: string | undefined): Armed | undefined {
  if (!variable) return undefined
  const [name = '', passage = '1'] = variable.split(':')
  if (!Object.hasOwn(failpoints, name) || !/^[1-9]\d*$/.test(passage)) {
    throw new Error(
      `SHIPLOG_FAILPOINT is ${variable}: set it to <name>:<n>, with one of the names ${Object.keys(failpoints).join(', ')}`,
    )
  }
  return { name: name as Failpoint, passage: Number(passage) }
}
