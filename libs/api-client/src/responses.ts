import type { components } from './openapi-types.js'

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

type AcceptedCommand = components['schemas']['AcceptedCommand']

/** A write that the log has not confirmed yet. */
export class NotConfirmed extends Error {
  override name = 'NotConfirmed'

  constructor(readonly command: AcceptedCommand) {
    super(`The command ${command.id} is accepted, and not in the log yet: ${command.url} has its status.`)
  }
}

/** The body of the response of a write that is in the log. @throws NotConfirmed for a 202 */
export function confirmed<Data>(result: Result<Data>): Exclude<Data, AcceptedCommand> {
  const data = dataOf(result)
  if (result.response.status === 202) throw new NotConfirmed(data as AcceptedCommand)
  return data as Exclude<Data, AcceptedCommand>
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
