import { secretMask, type ConfigurationEntry, type PromotionEvent } from '#libs/contracts'

/** The JSON of an event's data as presented: both sides of a change are masked if either is a secret. */
export function presentedEventData({ type: _, ...data }: PromotionEvent): string {
  return JSON.stringify({
    ...data,
    ...('content' in data && { content: data.content?.map(key => presentedSides(key, 'source', 'target')) }),
    ...('changes' in data && { changes: data.changes.map(change => presentedSides(change, 'before', 'after')) }),
  })
}

function presentedSides<Side extends string, Change extends { [S in Side]?: ConfigurationEntry }>(
  change: Change,
  ...sides: Side[]
): object {
  const secret = sides.some(side => change[side]?.sealed)
  const presented = sides.flatMap(side => {
    const entry = change[side]
    return entry ? [[side, presentedEntry(entry, secret)]] : []
  })
  return { ...change, ...Object.fromEntries(presented) }
}

function presentedEntry({ value, sealed, ...rest }: ConfigurationEntry, masked: boolean): object {
  return { value: masked ? secretMask : value, ...(sealed && { secret: true }), ...rest }
}
