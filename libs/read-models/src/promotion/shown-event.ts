import { secretMask, type ConfigurationEntry, type PromotionEvent } from '#libs/contracts'

/** JSON of an event's data that may be shown: both sides of a change are masked where either is a secret. */
export function shownEventData({ type: _, ...data }: PromotionEvent): string {
  return JSON.stringify({
    ...data,
    ...('content' in data && { content: data.content?.map(key => shownSides(key, 'source', 'target')) }),
    ...('changes' in data && { changes: data.changes.map(change => shownSides(change, 'before', 'after')) }),
  })
}

function shownSides<Side extends string, Change extends { [S in Side]?: ConfigurationEntry }>(
  change: Change,
  ...sides: Side[]
): object {
  const secret = sides.some(side => change[side]?.sealed)
  const shown = sides.flatMap(side => {
    const entry = change[side]
    return entry ? [[side, shownEntry(entry, secret)]] : []
  })
  return { ...change, ...Object.fromEntries(shown) }
}

function shownEntry({ value, sealed, ...rest }: ConfigurationEntry, masked: boolean): object {
  return { value: masked ? secretMask : value, ...(sealed && { secret: true }), ...rest }
}
