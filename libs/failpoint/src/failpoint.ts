import { failpoints, type Failpoint } from './failpoints.js'

/** Which failpoint of this process is armed, and at which passage it kills. */
interface Armed {
  name: Failpoint
  passage: number
}

const armed = armedBy(process.env['SHIPLOG_FAILPOINT'])

/**
 * A moment at which a test makes the process die, by SIGKILL and so without a trace: `SHIPLOG_FAILPOINT=<name>:<n>` does at the
 * n-th passage (the first where `:<n>` is left out). Does nothing where that is not set.
 */
export const failpoint: (name: Failpoint) => void = armed ? dieAt(armed) : () => undefined

/** Whether a failpoint of this name kills this process; for moments that cost something to notice. */
export function isArmed(...names: Failpoint[]): boolean {
  return armed !== undefined && names.includes(armed.name)
}

function dieAt({ name, passage }: Armed): (name: Failpoint) => void {
  let left = passage
  return passed => {
    if (passed === name && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}

/** Throws where the variable names no failpoint: a test that kills nothing would prove nothing. */
function armedBy(variable: string | undefined): Armed | undefined {
  if (!variable) return undefined
  const [name = '', passage = '1'] = variable.split(':')
  if (!Object.hasOwn(failpoints, name) || !/^[1-9]\d*$/.test(passage)) {
    throw new Error(`SHIPLOG_FAILPOINT=${variable}: <name>:<n> is wanted, of ${Object.keys(failpoints).join(', ')}`)
  }
  return { name: name as Failpoint, passage: Number(passage) }
}
