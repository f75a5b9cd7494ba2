import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { machineLines } from '../harness/system/machine.js'
import { project } from '../harness/system/project.js'
import { Servers } from '../harness/system/servers.js'
import { Connections } from './load/connections.js'
import { collectEvery, findings } from './observe/findings.js'
import { Load } from './load/load.js'
import { readOptions, type SoakOptions } from './options.js'
import type { Outcome, Peak } from './report/outcome.js'
import { soakPicture } from './report/picture.js'
import { Production, type Counts } from './observe/production.js'
import { soakReport } from './report/report.js'
import { Sampler } from './observe/sampler.js'
import { Traffic } from './load/traffic.js'
import { verdicts } from './report/verdict.js'
import { Workload } from './load/workload.js'

const SEED = 4
const CALLERS = 64
const WARM_UP_SECONDS = 10
const PEAK_SECONDS = 20

/**
 * Applies a constant load to a small deployment, prints a report as Markdown, and draws a chart.
 * @param args `--minutes`, `--rate`, `--svg`
 * @param onStart receives a function that stops everything, before anything is started
 * @returns the exit code: 1 if a condition does not hold
 */
export async function runSoak(args: string[], onStart: (stop: () => Promise<void>) => void): Promise<number> {
  const options = readOptions(args)
  const starting = new AbortController()
  const serversStart = Servers.start(say, starting.signal)
  let production: Production | undefined
  onStart(async () => {
    starting.abort()
    await production?.stop()
    await (await serversStart.catch(() => undefined))?.stop()
  })
  const servers = await serversStart
  production = await Production.start(servers)
  const outcome = await Promise.race([soak(options, servers, production), production.died()])
  const found = findings(outcome.samples, outcome.seconds, outcome.rate)
  const judged = verdicts(outcome, found)
  const svg = resolve(project, options.svg)
  await writeFile(svg, soakPicture(outcome))
  say(`Wrote the chart to ${svg}`)
  process.stdout.write(soakReport(outcome, found, judged))
  return judged.some(({ holds }) => holds === false) ? 1 : 0
}

async function soak(options: SoakOptions, servers: Servers, production: Production): Promise<Outcome> {
  const workload = new Workload(SEED)
  const traffic = new Traffic()
  const connections = {
    write: new Connections(production.url('command')),
    read: new Connections(production.url('query')),
  }
  const load = new Load(workload, connections, traffic)
  say(`Warm-up, ${WARM_UP_SECONDS} s`)
  await load.closedLoop(CALLERS, WARM_UP_SECONDS)
  const peak = options.rate === undefined ? await findPeak(load, traffic, production) : undefined
  const rate = options.rate ?? peak!.traffic.answered / PEAK_SECONDS / 2
  await production.settled()
  load.failures.clear()
  await servers.checkpoint()

  const seconds = options.minutes * 60
  say(`Load of ${rate.toFixed(0)} requests/s for ${options.minutes} minutes`)
  const sampler = new Sampler(production, servers, traffic, collectEvery(seconds), minute =>
    say(`  minute ${sampler.minutes.length}: ${minute.answered} answered, ${minute.failed} failed`),
  )
  const cpu = cpuMeter(servers, production)
  sampler.start()
  await load.openLoop(rate, seconds)
  await sampler.stop()
  const spent = cpu()
  const settled = await production.settled()
  say('Counting events and rows')
  const counted = await production.count()
  connections.write.close()
  connections.read.close()
  return {
    machine: await machineLines(servers),
    seconds,
    rate,
    peak,
    samples: sampler.samples,
    minutes: sampler.minutes,
    whole: sampler.whole.figures,
    failures: load.failures,
    warnings: production.warnings(),
    settled,
    cpu: spent,
    expected: expectedCounts(workload),
    unknown: workload.unknown,
    counted,
  }
}

async function findPeak(load: Load, traffic: Traffic, production: Production): Promise<Peak> {
  say(`Finding the peak rate: ${CALLERS} callers, ${PEAK_SECONDS} s`)
  traffic.reset()
  await load.closedLoop(CALLERS, PEAK_SECONDS)
  const { figures } = traffic
  return { callers: CALLERS, seconds: PEAK_SECONDS, traffic: figures, settled: await production.settled() }
}

function expectedCounts({ events, done }: Workload): Counts {
  return { log: events, ledgerEvents: events, streams: done.record, commands: events, events, history: done.record }
}

/** Starts measuring; the returned function gives the CPU seconds of each process since then. */
function cpuMeter(servers: Servers, production: Production): () => Record<string, number | undefined> {
  const look = (): Record<string, number | undefined> => {
    const { user, system } = process.cpuUsage()
    const { broker, postgres } = servers.cpu()
    return { ...production.cpu(), broker, Postgres: postgres, 'load generator': (user + system) / 1e6 }
  }
  const before = look()
  return () =>
    Object.fromEntries(
      Object.entries(look()).map(([name, now]) => {
        const then = before[name]
        return [name, now === undefined || then === undefined ? undefined : now - then]
      }),
    )
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
