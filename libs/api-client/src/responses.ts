/** A result of openapi-fetch. */
interface Result<Data> {
  data?: Data | undefined
  response: Response
}

/** The body of a response. @throws Error if the status is an error and the body is not a problem, as of a proxy */
export function dataOf<Data>({ data, response }: Result<Data>): Data {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`)
  return data as Data
}

/** The header with which a read reflects everything that these responses reflect or wrote. */
export function reflecting(...responses: Response[]): { 'Shiplog-Min-Position'?: string } {
  const positions = responses.flatMap(({ headers }) => headers.get('Shiplog-Position') ?? [])
  return positions.length === 0 ? {} : { 'Shiplog-Min-Position': positions.join(',') }
}

/**
 * The items of all pages of a list.
 *
 * @param read requests one page; `cursor` is `undefined` for the first
 */
export async function* items<Item>(
  read: (cursor: string | undefined) => Promise<Result<readonly Item[]>>,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined
  do {
    const result = await read(cursor)
    yield* dataOf(result)
    cursor = nextCursor(result.response)
  } while (cursor !== undefined)
}

function nextCursor({ headers, url }: Response): string | undefined {
  const next = /<([^>]*)>\s*;\s*rel="next"/.exec(headers.get('Link') ?? '')?.[1]
  return next === undefined ? undefined : (new URL(next, url).searchParams.get('cursor') ?? undefined)
}
