import { mib, pointsOf } from '../observe/findings.js'
import type { Outcome } from './outcome.js'
import type { Sample } from '../observe/sampler.js'
import { highest, median, windowed, type Pick } from '../observe/series.js'
import { drawPicture, type Line } from './svg.js'

/** More points would be narrower than a pixel. */
const POINTS = 400

/** A soak test over time, as an SVG document. Latencies and lag show the slowest second of each point. */
export function soakPicture({ samples, seconds, rate, machine }: Outcome): string {
  const windows = Math.max(1, Math.min(POINTS, samples.length))
  const line = (name: string, figure: (sample: Sample) => number | undefined, pick: Pick = median): Line => ({
    name,
    points: windowed(pointsOf(samples, figure), windows, seconds, pick),
  })
  const title = `Soak: ${rate.toFixed(0)} requests/s for ${seconds / 60} minutes (${machine[0]!.split(', ').slice(0, 2).join(', ')})`
  return drawPicture(
    title,
    [
      {
        title: 'Throughput',
        unit: 'requests/s',
        lines: [
          line('sent', ({ traffic }) => traffic.sent),
          line('answered', ({ traffic }) => traffic.answered),
          line('failed', ({ traffic }) => traffic.failed, highest),
        ],
      },
      {
        title: 'Writes',
        unit: 'ms',
        logarithmic: true,
        lines: [
          line('p50', ({ traffic }) => traffic.write.p50),
          line('p99 (worst second)', ({ traffic }) => traffic.write.p99, highest),
        ],
      },
      {
        title: 'Reads',
        unit: 'ms',
        logarithmic: true,
        lines: [
          line('p50', ({ traffic }) => traffic.read.p50),
          line('p99 (worst second)', ({ traffic }) => traffic.read.p99, highest),
        ],
      },
      {
        title: 'Memory, resident',
        unit: 'MiB',
        lines: [
          line('command', ({ apps }) => mib(apps.command.rss)),
          line('projector', ({ apps }) => mib(apps.projector.rss)),
          line('query', ({ apps }) => mib(apps.query.rss)),
          line('broker', ({ broker }) => mib(broker?.all)),
          line('Postgres', ({ postgres }) => mib(postgres?.all)),
        ],
      },
      {
        title: 'Behind',
        unit: 'events',
        lines: [
          line('lag of the projector', ({ lag }) => lag, highest),
          line('pending appends', ({ pending }) => pending, highest),
        ],
      },
    ],
    seconds,
  )
}
