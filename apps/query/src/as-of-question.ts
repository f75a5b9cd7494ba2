import { InstantParameter } from '#libs/http'

/** What had happened by when. */
export const asOf = InstantParameter({
  description: 'What had happened until then, then included.',
  example: '2026-02-12T10:00:00Z',
})
/** What was known by when. */
export const knownAt = InstantParameter({
  description: 'What had been recorded until then, then included.',
  example: '2026-02-12T10:00:00Z',
})

/** A time to look back from. */
export class AsOfQuery {
  @asOf
  asOf?: string

  @knownAt
  knownAt?: string
}
