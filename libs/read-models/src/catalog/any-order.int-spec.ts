import fc from 'fast-check'
import {
  deployment,
  inOrderOfArrival,
  minute,
  placeNames,
  tellAll,
  type Final,
} from '#test/specs/read-models/any-deployments'
import { GivenLog } from '#test/specs/read-models/given-log'
import { runs } from '#test/kit'
import { currentPage, historyPage, type AsOf } from '../index.js'

/** A minute after all that happens. */
const LATEST = 30

// The oracle: computes each deployment from all others, as the product and the API define it.

const before = (a: Final, b: Final) => a.start < b.start || (a.start === b.start && a.seq < b.seq)
const sameSlot = (a: Final, b: Final) =>
  a.tenant === b.tenant && a.application === b.application && placeNames[a.environment] === placeNames[b.environment]
const last = (all: Final[]) => all.find(a => all.every(b => a === b || before(b, a)))
const first = (all: Final[]) => all.find(a => all.every(b => a === b || before(a, b)))

/** The deployments visible with `asOf` and `knownAt`, in minutes. */
function visibleAt(all: Final[], { asOf, knownAt }: { asOf?: number; knownAt?: number }): Final[] {
  const known = (final: Final): Final[] => {
    const unknown = final.learned.findIndex(learned => knownAt !== undefined && learned > knownAt)
    const events = unknown < 0 ? final.events.length : Math.min(unknown, final.events.length)
    if (events === 0 || events > final.version) return []
    return [events < final.version ? final.atFirst! : final]
  }
  const statusThen = (final: Final): Final[] => {
    if (asOf === undefined) return [final]
    if (final.start > asOf) return []
    const { rolledBack, removed, ...always } = final
    const rest = removed !== undefined && removed <= asOf ? { ...always, removed } : always
    if (final.finish > asOf)
      return [{ ...rest, status: 'PENDING', succeeded: false, completed: false, finish: final.start }]
    if (rolledBack !== undefined && rolledBack > asOf) return [{ ...rest, status: final.atFirst!.status }]
    return [rolledBack === undefined ? rest : { ...rest, rolledBack }]
  }
  return all.flatMap(known).flatMap(statusThen)
}

function expectedRecord(all: Final[], one: Final) {
  const successes = all.filter(other => sameSlot(other, one) && other.succeeded)
  const deployed = successes.filter(({ status }) => status === 'DEPLOYED')
  const replaced = one.succeeded ? last(successes.filter(other => before(other, one))) : undefined
  const firstOf = (tag: string) => first(successes.filter(({ imageTag }) => imageTag === tag))!
  const goesBack = replaced && before(firstOf(one.imageTag), firstOf(replaced.imageTag))
  const inferred = !one.rollbackOf && goesBack ? replaced.id : undefined
  const active = last(deployed) === one && one.removed === undefined
  const overtaking = one.succeeded
    ? last(successes.filter(other => other.start > one.start && other.finish < one.finish))
    : undefined
  const contesting = active
    ? deployed
        .filter(other => other.start < one.start && other.finish > one.finish && other.removed === undefined)
        .toSorted((a, b) => b.finish - a.finish || (before(a, b) ? 1 : -1))[0]
    : undefined
  const rollbackOf = one.rollbackOf ?? inferred
  return {
    id: one.id,
    application: one.application,
    environment: one.environment,
    imageTag: one.imageTag,
    status: one.status,
    active,
    deployedAt: minute(one.start),
    ...(one.completed && { completedAt: minute(one.finish), durationSeconds: (one.finish - one.start) * 60 }),
    ...(one.rolledBack !== undefined && { rolledBackAt: minute(one.rolledBack) }),
    ...(one.removed !== undefined && { removedAt: minute(one.removed) }),
    ...(rollbackOf && { rollbackOf, rollbackDetected: one.rollbackOf ? 'reported' : 'inferred' }),
    ...ignoredRollback(all, one),
    ...(overtaking && { overtakenBy: overtaking.id }),
    ...(contesting && { contestedBy: contesting.id }),
    position: `${one.partition}:${one.lastSeq}`,
    version: one.version,
  }
}

function ignoredRollback(all: Final[], { id, rollbackOf, succeeded, status, ...one }: Final) {
  const named = all.find(other => other.id === rollbackOf && other.tenant === one.tenant)
  const slot = { ...one, id, succeeded, status } as Final
  if (rollbackOf === undefined) return {}
  if (rollbackOf === id) return { rollbackIgnored: 'It names itself.' }
  if (!succeeded && status !== 'PENDING')
    return { rollbackIgnored: 'It did not succeed: only a success undoes another deployment.' }
  if (!named) return {}
  if (sameSlot(named, slot)) {
    if (named.status !== 'CANCELLED') return {}
    return { rollbackIgnored: 'The deployment that it names is CANCELLED: it never ran.' }
  }
  const { application, environment } = named
  return {
    rollbackIgnored: `The deployment that it names is of application ${application} in environment ${environment}.`,
  }
}

const slotOf = ({ application, environment }: Final) => `${application} ${placeNames[environment]}`

/** The active deployment of each slot, at each minute in which it changes. */
function expectedIntervals(own: Final[]): string[] {
  return [...new Set(own.map(slotOf))].toSorted().flatMap(slot => {
    return changesIn(own.filter(one => slotOf(one) === slot)).map(({ at, now }) => `${slot} ${minute(at)} ${now}`)
  })
}

/** What is active in a slot, at each minute in which it changes. */
function changesIn(ofSlot: Final[]): { at: number; now: string; tag: string | undefined }[] {
  let before = 'nothing'
  return Array.from({ length: LATEST }, (_, at) => at).flatMap(at => {
    const latest = last(ofSlot.filter(one => one.finish <= at && at < (endOf(one) ?? at)))
    // What was removed stands in the place of nothing: what would be active if it had not been.
    const isRemoved = latest?.removed !== undefined && latest.removed <= at
    const now = `${tagged(latest)}${isRemoved ? ' removed' : ''}`
    if (now === before) return []
    before = now
    return [{ at, now, tag: isRemoved ? undefined : latest?.imageTag }]
  })
}

/** The first minute of those without a break in which the tag of an active deployment has been active. */
function runningSince(own: Final[], one: Final): number {
  const changes = changesIn(own.filter(other => sameSlot(other, one)))
  return changes[changes.findLastIndex(({ tag }) => tag !== one.imageTag) + 1]!.at
}

const tagged = (one: Final | undefined) => (one ? `${one.id} ${one.imageTag}` : 'nothing')

/** Until when a success counts: its rollback, or its finish where the time of the rollback is unknown. */
function endOf({ status, succeeded, rolledBack, finish }: Final): number | undefined {
  if (!succeeded || status === 'PENDING') return undefined
  if (status === 'DEPLOYED') return Infinity
  return rolledBack ?? finish
}

async function storedIntervals(log: GivenLog, tenant: string): Promise<string[]> {
  const rows = await log.query<{ interval: string }>({
    text: `SELECT concat_ws(' ', application, environment_name, instant(from_at), coalesce(deployment_id::text, 'nothing'), image_tag,
        CASE WHEN removed THEN 'removed' END) AS interval
      FROM deployment_interval WHERE tenant = $1 ORDER BY application, environment_name, from_at`,
    values: [tenant],
  })
  return rows.map(({ interval }) => interval)
}

describe('history, current and intervals after events in any order', () => {
  let log: GivenLog
  let run = 0

  beforeAll(async () => {
    log = await GivenLog.start()
  })
  afterAll(() => log.end())

  const batchSizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
  const moments = fc.array(
    fc.record({
      asOf: fc.option(fc.nat(24), { nil: undefined }),
      knownAt: fc.option(fc.nat(24), { nil: undefined }),
    }),
    { maxLength: 3 },
  )

  test('equal an independent recomputation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deployment, { minLength: 1, maxLength: 40, size: 'max' }),
        batchSizes,
        fc.integer({ min: 1, max: 7 }),
        moments,
        recomputed,
      ),
      { numRuns: runs(150) },
    )
  }, 300_000)

  // More deployments of a tag, and more rolled-back ones, than lookups examine one at a time.
  test('equal the recomputation for a slot with many deployments of few tags', async () => {
    const inOneSlot = deployment.map(one => {
      return { ...one, tenant: 'a', application: 'checkout', environment: 'prod', undoes: undefined } as const
    })
    const any = fc.array(inOneSlot, { minLength: 150, maxLength: 200 })
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        any,
        sizes,
        fc.constant(100),
        fc.constant<{ asOf?: number; knownAt?: number }[]>([]),
        recomputed,
      ),
      { numRuns: runs(8) },
    )
  }, 300_000)

  async function recomputed(
    generated: Parameters<typeof tellAll>[0],
    batchSizes: number[],
    pageSize: number,
    moments: { asOf?: number; knownAt?: number }[],
  ): Promise<void> {
    // given: events that arrive in any order, in batches of any size
    run += 1
    const finals = tellAll(generated, `run${run}`)
    const arriving = inOrderOfArrival(finals)
    const placed = log.append(arriving)
    for (const final of finals) {
      const seqs = final.events.map(event =>
        Number(placed[arriving.indexOf(event)]!.headers['ce_ledgerseq']!.toString()),
      )
      final.seq = seqs[0]!
      final.lastSeq = seqs[final.version - 1]!
      if (final.atFirst) Object.assign(final.atFirst, { seq: final.seq, lastSeq: final.seq })
    }
    await log.project(batchSizes)

    for (const tenant of [`run${run}-a`, `run${run}-m`]) {
      // then: all pages of history and current
      const facts = finals.filter(final => final.tenant === tenant)
      for (const minutes of [{}, ...moments]) {
        const own = visibleAt(facts, minutes)
        const ordered = own.toSorted((a, b) => b.start - a.start || a.partition - b.partition || b.seq - a.seq)
        const expected = ordered.map(one => expectedRecord(own, one))
        const moment = momentOf(minutes)
        expect(await wholeHistory(log, tenant, pageSize, moment)).toEqual(expected)
        const current = expected.flatMap((record, n) =>
          record.active ? [{ ...record, runningSince: minute(runningSince(own, ordered[n]!)) }] : [],
        )
        expect(await allCurrent(log, tenant, pageSize, moment)).toEqual(
          current.toSorted((a, b) => rankOf(a).localeCompare(rankOf(b))),
        )
      }
      // and: the intervals of all slots, by the minute
      expect(await storedIntervals(log, tenant)).toEqual(expectedIntervals(visibleAt(facts, {})))
    }
  }
})

function momentOf({ asOf, knownAt }: { asOf?: number; knownAt?: number }): AsOf {
  return {
    ...(asOf !== undefined && { asOf: minute(asOf) }),
    ...(knownAt !== undefined && { knownAt: minute(knownAt) }),
  }
}

function rankOf({ application, environment }: { application: string; environment: keyof typeof placeNames }): string {
  return `${application} ${['dev', 'production', 'qa'].indexOf(placeNames[environment])}`
}

type Paged = { body: { json: string; next?: string } }

async function everyPage(read: (cursor?: string) => Promise<Paged>): Promise<object[]> {
  const records: object[] = []
  let cursor: string | undefined
  do {
    const { body } = await read(cursor)
    for (const { recordedAt: _, ...record } of JSON.parse(body.json)) records.push(record)
    cursor = body.next
  } while (cursor !== undefined)
  return records
}

function wholeHistory({ query }: GivenLog, tenant: string, limit: number, moment: AsOf): Promise<object[]> {
  return everyPage(cursor => historyPage(query, { tenant, filters: {}, moment, limit, cursor }))
}

function allCurrent({ query }: GivenLog, tenant: string, limit: number, moment: AsOf): Promise<object[]> {
  return everyPage(cursor => currentPage(query, { tenant, filters: {}, moment, limit, cursor }))
}
