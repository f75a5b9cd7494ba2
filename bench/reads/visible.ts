import { App } from '../harness/app/app.js'
import type { Bench } from '../harness/report/bench.js'
import { madeUpDeployments } from '../harness/load/deployments.js'
import { measure, type Measured, type Subject } from '../harness/report/rounds.js'
import { Callers } from '../append/callers.js'
import { WritesAndReads } from './writes-and-reads.js'

const PEAK_CALLERS = 256
const path = '/api/v1/platform/deployments'

/** The time from a write until a read returns it, at half of the app's peak rate. */
export async function writeToVisible(bench: Bench): Promise<Measured> {
  const { servers, quick, say } = bench
  const app = await App.start(servers, 'standalone')
  const deployments = madeUpDeployments(4)
  const next = () => {
    const { tenant, body } = deployments.next().value
    return { tenant, body: JSON.stringify(body) }
  }
  const callers = await Callers.connect(app.url + path, PEAK_CALLERS, next)
  const loop = new WritesAndReads(app.url, path, deployments)
  try {
    // Warm-up: the app has just started.
    const warmUp = await callers.call(quick ? 1 : 5)
    const peak = await callers.call(quick ? 1 : 5)
    let recorded = warmUp.events + peak.events
    await app.check(recorded)
    const rate = peak.events / peak.seconds / 2
    say(`  Peak rate ${(2 * rate).toFixed(0)}/s; measuring at half of it`)
    const subject: Subject = {
      name: `write to visible, ${PEAK_CALLERS} callers' peak halved`,
      pid: app.pid,
      async round() {
        const sample = await loop.run(rate, quick ? 2 : 6)
        recorded += sample.events
        return sample
      },
      settle: () => app.check(recorded),
    }
    return (await measure([subject], bench))[0]!
  } finally {
    callers.close()
    loop.close()
    await app.stop()
  }
}
