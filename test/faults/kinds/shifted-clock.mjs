// Loaded into an app before anything else (node --import): its Date is off by the milliseconds that a file says, like the
// clock of a machine that was set. Timers and performance.now() are not, as on such a machine.
import { readFileSync } from 'node:fs'

const LOOK_MS = 50

const file = process.env['FAULTS_CLOCK']
if (!file) throw new Error('FAULTS_CLOCK does not name a file')
let offset = 0
const look = () => {
  const text = readFileSync(file, 'utf8')
  // Empty while it is being written.
  if (text !== '') offset = Number(text)
}
look()
setInterval(look, LOOK_MS).unref()

const RealDate = globalThis.Date
const now = () => RealDate.now() + offset
globalThis.Date = new Proxy(RealDate, {
  construct: (target, parameters, newTarget) =>
    Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
})
