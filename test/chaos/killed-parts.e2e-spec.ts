import { cloudEventFindings } from '../independent/log/cloud-events.js'
import { differences } from '../independent/differences.js'
import { foldDeployments } from '../independent/deployments/deployments.js'
import { checkRecords } from '../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../independent/log/log-reader.js'
import { recompute } from '../independent/answers/reducer.js'
import { generatedDeployments, type ImportLine } from '../api/imported/generated.js'
import { print } from '../api/imported/figures.js'
import {
  AppProcess,
  type AppSettings,
  countResults,
  deploymentsPath,
  HttpClient,
  importRecords,
  type ImportRun,
  type OwnServers,
  startOwnServers,
  until,
} from '../kit/index.js'

// Kill -9 of each part while a file is imported; the part comes back, and the file is sent again as a whole.

const LINES = 20_000
const PARTS = ['command', 'projector', 'kafka', 'postgres'] as const
type Part = (typeof PARTS)[number]

const lines = generatedDeployments(LINES)
const tenant = 'gov'
/** Longer than an import waits for an unavailable ledger, and then for Kafka. */
const silence = 30_000

let servers: OwnServers
let settings: AppSettings
const apps = {} as Record<'command' | 'projector' | 'query', AppProcess>

beforeAll(async () => {
  servers = await startOwnServers()
  const { brokers, databaseUrl } = servers
  settings = { brokers, databaseUrl, topic: 'shiplog.events.v1' }
  await Promise.all((['command', 'projector', 'query'] as const).map(startApp))
}, 120_000)
afterAll(async () => {
  await Promise.all(Object.values(apps).map(app => app.stop()))
  await servers?.end()
}, 60_000)

async function startApp(name: 'command' | 'projector' | 'query'): Promise<void> {
  apps[name] = await AppProcess.ready(name, settings)
}

async function kill(part: Part): Promise<void> {
  if (part === 'kafka' || part === 'postgres') await servers[part].kill()
  else await apps[part].kill()
}

async function bringBack(part: Part): Promise<void> {
  if (part === 'kafka' || part === 'postgres') await servers[part].start()
  else await startApp(part)
  await Promise.all(Object.values(apps).map(app => app.isReady()))
}

/** Each part is killed under a quarter of the lines, so that all of them are new when it dies. */
function quarter(part: Part): ImportLine[] {
  const index = PARTS.indexOf(part)
  return lines.slice((index * lines.length) / PARTS.length, ((index + 1) * lines.length) / PARTS.length)
}

/** Imports, and kills a part when some lines were answered. */
async function importUnderFire(part: Part): Promise<{ run: ImportRun; answeredBefore: number; down: Promise<void> }> {
  let answeredBefore = 0
  let down: Promise<void> | undefined
  const run = await importRecords(apps.command.url, quarter(part), {
    tenant,
    silence,
    onResult(answered) {
      if (down || answered < 500) return
      answeredBefore = answered
      down = kill(part).then(() => bringBack(part))
    },
  })
  if (!down) throw new Error('the import had ended before anything was killed')
  return { run, answeredBefore, down }
}

/** Sends the whole file until each of its lines is in the log. */
async function sendUntilWhole(file: ImportLine[]): Promise<ImportRun> {
  let run: ImportRun
  const whole = async () => {
    run = await importRecords(apps.command.url, file, { tenant, silence })
    const { recorded = 0, repeated = 0 } = countResults(run.results)
    return run.complete && recorded + repeated === file.length
  }
  await until(whole, 'every line to be recorded or repeated', { within: 40_000 })
  return run!
}

function tellLog(error: Error): never {
  throw new Error(`${error.message}; the command app's log ends with\n${apps.command.lines.slice(-40).join('\n')}`)
}

it.each(PARTS)(
  'an import during which %s is killed is complete after it is sent again',
  async part => {
    const file = quarter(part)

    const { run, answeredBefore, down } = await importUnderFire(part).catch(tellLog)
    await down
    const again = await sendUntilWhole(file).catch(tellLog)

    expect(answeredBefore).toBeLessThan(file.length)
    const counts = countResults(again.results)
    // A line answered as recorded is never recorded again.
    const acknowledged = run.results.filter(({ result }) => result === 'recorded')
    const first = new Map(again.results.map(result => [result.id, result]))
    expect(acknowledged.map(({ id }) => first.get(id)?.result).filter(result => result !== 'repeated')).toEqual([])
    print(
      `${part}: killed after ${answeredBefore} of ${file.length} lines were answered; the first run ` +
        `${run.complete ? 'went on' : 'broke off'} with ${JSON.stringify(countResults(run.results))}, then ${JSON.stringify(counts)}`,
    )
  },
  120_000,
)

describe('after all kills', () => {
  let log: RawRecord[]

  beforeAll(async () => {
    log = await collectLog(servers.brokers, settings.topic)
  }, 60_000)

  it('the log has each deployment exactly once, without gaps and with valid hashes', () => {
    const { events, findings } = checkRecords(log)
    expect([events, findings]).toEqual([lines.length, []])
    expect(cloudEventFindings(log)).toEqual([])
    const factOf = ({ application, environment, imageTag, deployedAt }: ImportLine) =>
      [application, environment, imageTag, deployedAt].join(' ')
    const logged = log.map(({ value }) => factOf(JSON.parse(value) as ImportLine))
    expect(differences(logged.toSorted(), lines.map(factOf).toSorted())).toEqual([])
  })

  it('the log has the lines of each application in the order of the file', () => {
    const inOrder = (facts: ImportLine[]) => {
      const byApplication: Record<string, string[]> = {}
      for (const { application, deployedAt } of facts) (byApplication[application] ??= []).push(deployedAt)
      return byApplication
    }
    expect(inOrder(log.map(({ value }) => JSON.parse(value) as ImportLine))).toEqual(inOrder(lines))
  })

  it('the read models equal the fold of the log', async () => {
    const { ends } = checkRecords(log)
    const minimum = Object.entries(ends).map(([partition, seq]) => `${partition}:${seq}`)
    const http = new HttpClient(apps.query.url).as(tenant).with({ 'Shiplog-Min-Position': minimum.join(',') })
    const { history, current } = recompute(foldDeployments(log))

    await until(async () => (await http.get(`${deploymentsPath}/history?limit=1`)).status === 200, 'the projector')
    expect(differences(await http.all(`${deploymentsPath}/history?limit=500`), history)).toEqual([])
    expect(differences(await http.all(`${deploymentsPath}/current?limit=500`), current)).toEqual([])
    http.close()
  }, 60_000)
})
