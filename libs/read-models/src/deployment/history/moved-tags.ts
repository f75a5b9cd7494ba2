import { plainArray, rowSet, statement, type Column, type Query } from '#libs/postgres'
import { groupBy } from '../../sql/group-by.js'
import { isBefore, pointColumns, type MovedSuccess, type Point } from './last-before.js'
import { slotKey, slotKeys, type Slot } from '../record/slot.js'
import { slotColumns, startColumns, successesBetween, successWithTagOf } from '../record/index-lookups.js'

/** A tag in a slot. */
export interface SlotTag extends Slot {
  imageTag: string
}

/** A tag whose first success in a slot has moved, while it has other successes there. */
interface MovedTag extends SlotTag {
  /** The previous position of its first success. */
  before: Point
  now: Point
}

/** Successes to examine: these, and all with one of these tags. */
export interface TouchedSuccesses {
  successes: (Slot & Point)[]
  tags: SlotTag[]
}

/** Up to this number of other successes of a tag, all of them are examined. */
const FEW = 32
/** Up to this number of successes between the old and the new first one of a tag, they are examined. */
const BETWEEN = 2000

const tagKey = (tag: SlotTag) => JSON.stringify([slotKey(tag), tag.imageTag])

/**
 * Finds successes that a batch did not change, but for which it may have changed whether their tag or the previous one was first. The order
 * of two tags changes only if the first success of one moves past that of the other. If a tag has few other successes, these are returned;
 * else the tags whose first success lies between its old and its new one.
 *
 * @param moved successes that the batch added or removed
 */
export async function touchedByMovedTags(query: Query, moved: readonly MovedSuccess[]): Promise<TouchedSuccesses> {
  const batch = moved.map(({ logOrder }) => logOrder)
  const tags = await movedTags(query, moved, batch)
  const others = await othersOf(query, tags, batch, FEW + 1)
  const many = tags.filter((_, n) => others[n]!.length > FEW)
  const between = await tagsBetween(query, many)
  const bySlot = groupBy(tags, slotKey)
  const moving = new Set(tags.map(tagKey))
  const wanted = many.flatMap((tag, n) => {
    const standing = between[n]?.filter(other => !moving.has(tagKey(other)))
    return [...(standing ?? [tag]), ...overtaking(tag, bySlot.get(slotKey(tag))!)]
  })
  return {
    successes: others.filter(found => found.length <= FEW).flat(),
    tags: [...new Map(wanted.map(tag => [tagKey(tag), tag])).values()],
  }
}

async function movedTags(query: Query, moved: readonly MovedSuccess[], batch: readonly bigint[]): Promise<MovedTag[]> {
  const tags = [...groupBy(moved, tagKey).values()]
  const firstOthers = await othersOf(
    query,
    tags.map(([tag]) => tag!),
    batch,
    1,
  )
  return tags.flatMap((successes, n) => {
    const [other] = firstOthers[n]!
    // The tag occurs only in the batch, whose successes are examined anyway.
    if (!other) return []
    const firstWhere = (stands: boolean) =>
      firstOf(
        other,
        successes.filter(success => success.stands === stands),
      )
    const [before, now] = [firstWhere(false), firstWhere(true)]
    if (before.logOrder === now.logOrder && before.at === now.at) return []
    const { tenant, application, environmentName, imageTag } = successes[0]!
    return [{ tenant, application, environmentName, imageTag, before, now }]
  })
}

function firstOf(other: Point, successes: readonly Point[]): Point {
  return successes.reduce((first, success) => (isBefore(success, first) ? success : first), other)
}

/** The moved tags of a slot that passed one another. */
function overtaking(tag: MovedTag, ofSlot: readonly MovedTag[]): MovedTag[] {
  return ofSlot.filter(other => isBefore(other.before, tag.before) !== isBefore(other.now, tag.now))
}

interface PointRow {
  n: number
  at: string
  log_order: string
}

/** Successes of each tag that the batch did not change, first ones first. @param batch `log_order` of the changed ones */
async function othersOf(
  query: Query,
  tags: readonly SlotTag[],
  batch: readonly bigint[],
  limit: number,
): Promise<(Slot & Point)[][]> {
  const found: (Slot & Point)[][] = tags.map(() => [])
  if (tags.length === 0) return found
  const values = { ...tagRows.values(tags), batch: plainArray(batch), limit }
  const rows = await query<PointRow>(statement('successes with a tag', OTHERS, values, { plan: 'once' }))
  for (const { n, at, log_order } of rows) {
    const { tenant, application, environmentName } = tags[n - 1]!
    found[n - 1]!.push({ tenant, application, environmentName, at, logOrder: BigInt(log_order) })
  }
  return found
}

const tagColumns: Column<SlotTag>[] = [...slotKeys, { name: 'image_tag', type: 'text', value: tag => tag.imageTag }]

/** Tags, for statements. */
export const tagRows = rowSet('tag', tagColumns)

/** For each tag, the tags in its slot whose first success lies between its old and its new one; `undefined` if there are too many. */
async function tagsBetween(query: Query, tags: readonly MovedTag[]): Promise<(SlotTag[] | undefined)[]> {
  if (tags.length === 0) return []
  const rows = await query<{ n: number; successes: number; firsts: string[] }>(
    statement('tags between', TAGS_BETWEEN, movedTagRows.values(tags), { plan: 'once' }),
  )
  const found: (SlotTag[] | undefined)[] = tags.map(() => [])
  for (const { n, successes, firsts } of rows) {
    const { tenant, application, environmentName } = tags[n - 1]!
    found[n - 1] =
      successes > BETWEEN ? undefined : firsts.map(imageTag => ({ tenant, application, environmentName, imageTag }))
  }
  return found
}

const firstOfSpan = ({ before, now }: MovedTag) => (isBefore(before, now) ? before : now)
const lastOfSpan = ({ before, now }: MovedTag) => (isBefore(before, now) ? now : before)
const movedTagRows = rowSet<MovedTag>('tag', [
  ...tagColumns,
  ...pointColumns('deployed_at', 'log_order', firstOfSpan),
  ...pointColumns('until_at', 'until_log_order', lastOfSpan),
])

const OTHERS = `
  WITH batch AS MATERIALIZED (SELECT unnest($batch::bigint[]) AS log_order)
  SELECT tag.n::integer, instant(h.deployed_at) AS at, h.log_order
  FROM ${tagRows.numbered}
  CROSS JOIN LATERAL (
    SELECT h.deployed_at, h.log_order FROM deployment_history h
    WHERE ${successWithTagOf('h', 'tag', 'h.log_order NOT IN (SELECT log_order FROM batch)')} LIMIT $limit::integer
  ) h`

const TAGS_BETWEEN = `
  SELECT tag.n::integer, count(*)::integer AS successes,
    coalesce(array_agg(h.image_tag) FILTER (WHERE h.image_tag <> tag.image_tag AND h.log_order = (
      SELECT first.log_order FROM deployment_history first WHERE ${successWithTagOf('first', 'h')} LIMIT 1
    )), '{}') AS firsts
  FROM ${movedTagRows.numbered}
  CROSS JOIN LATERAL ${successesBetween('tag', [...slotColumns, 'image_tag', ...startColumns], BETWEEN + 1)} h
  GROUP BY tag.n`
