import { type HttpAnswer, type HttpClient, random } from '../../kit/index.js'

const config = '/api/v1/config'

/** Every name that an environment has at some time. */
export const environmentNames = ['dev', 'development', 'staging', 'stage', 'production', 'prod', 'live', 'qa']
export const keys = ['a', 'b', 'c', 'password', 'token']

/** People with the names that they use in turn; who is meant is the same, however it is written. */
const people = [
  { ids: ['550e8400-e29b-41d4-a716-446655440001'], addresses: ['ann@acme.example'] },
  { ids: ['bob', '550e8400-e29b-41d4-a716-446655440002'], addresses: ['bob@acme.example'] },
  { ids: ['cy'], addresses: ['cy@acme.example', 'cy@acme.test'] },
  { ids: ['dee'], addresses: ['dee@acme.example'] },
]

const target = (name: string, approvals: number, ...aliases: string[]) => ({ name, approvals, aliases })
const before = [target('dev', 0, 'development'), target('staging', 1, 'stage')]
const pipelines = [
  { environments: [...before, target('production', 2, 'prod')] },
  { environments: [...before, target('production', 3, 'prod')] },
  { environments: [...before, target('production', 1, 'prod')], authorMayApprove: true },
  { environments: [...before, target('live', 2, 'production', 'prod')] },
  { environments: [...before, target('live', 1, 'production')], allowSkipping: true },
  { environments: [before[0]!, target('qa', 0), before[1]!, target('production', 2, 'prod')] },
  // Refused as long as production holds something.
  { environments: [...before, target('live', 2)] },
]

/** How a client does at random what may be possible or not: few of everything, so that it meets. */
export class AnyPromotions {
  private count = 0
  private readonly ids: string[] = []
  private readonly seen = new Map<string, HttpAnswer>()
  private readonly next: () => number

  constructor(
    private readonly http: HttpClient,
    seed: number,
  ) {
    this.next = random(seed)
  }

  async send(): Promise<HttpAnswer> {
    const kind = this.next()
    if (this.ids.length < 3 || kind < 0.1) return this.draft()
    if (kind < 0.22) return this.configure()
    if (kind < 0.25) return this.put('pipeline', this.oneOf(pipelines))
    return this.act()
  }

  private async draft(): Promise<HttpAnswer> {
    const [sourceEnvironment, targetEnvironment] = this.oneOf([
      ['staging', 'production'],
      ['stage', 'prod'],
      ['staging', 'live'],
      ['dev', 'staging'],
      ['dev', 'production'],
    ])
    const selection = this.oneOf([
      { promotionType: 'FULL', deleteRemoved: this.next() < 0.5 },
      { promotionType: 'PATTERN', keyPatterns: [this.oneOf(['*', 'a', '[ab]', 'pass*'])] },
    ])
    const answer = await this.post('promotions', { sourceEnvironment, targetEnvironment, ...selection })
    if (answer.status === 201) this.ids.push(answer.json.id)
    return answer
  }

  private configure(): Promise<HttpAnswer> {
    const set = Object.fromEntries(
      keys.filter(() => this.next() < 0.4).map(key => [key, `value ${++this.count} of ${key}`]),
    )
    const secrets = ['password', 'token'].filter(key => key in set && this.next() < 0.4)
    const gone = keys.filter(key => !(key in set) && this.next() < 0.15)
    const environment = this.oneOf(environmentNames.slice(0, 7))
    return this.json('PATCH', `environments/${environment}/configurations`, { set, secrets, delete: gone })
  }

  private async act(): Promise<HttpAnswer> {
    const id = this.next() < 0.7 ? this.ids.at(-1)! : this.oneOf(this.ids)
    const seen = this.seen.get(id)
    const action = this.action(seen)
    const ifMatch: Record<string, string> =
      seen !== undefined && this.next() < 0.2 ? { 'If-Match': String(seen.headers['etag']) } : {}
    const hash = seen?.json.contentHash
    const body = {
      ...(action === 'approve' && hash !== undefined && this.next() < 0.3 && { contentHash: hash }),
      ...(action === 'rollback' && this.next() < 0.3 && { force: true }),
    }
    const path = `promotions/${id}`
    const answer = await (action === 'cancel'
      ? this.json('DELETE', path, {}, ifMatch)
      : this.post(`${path}/${action}`, body, ifMatch))
    if (answer.status === 200) this.seen.set(id, answer)
    return answer
  }

  /** Mostly what the last answer allows, but for what ends it. */
  private action(seen: HttpAnswer | undefined): string {
    const ending = this.next() < 0.05 ? ['reject', 'cancel'] : []
    const allowed: string[] = seen?.json.allowedActions ?? ['validate']
    const possible = allowed.filter(action => !['reject', 'cancel', 'schedule', ...ending].includes(action))
    const any = ['validate', 'approve', 'execute', 'rollback', ...ending]
    // Executing is often refused, and what is approved need not be validated again.
    const mostly = possible.filter(action => action !== 'validate' || possible.length === 1)
    return this.oneOf(this.next() < 0.75 && mostly.length > 0 ? mostly : any)
  }

  private somebody(): Record<string, string> {
    const { ids, addresses } = this.oneOf(people)
    const spell = this.oneOf<(name: string) => string>([
      name => name,
      name => name.toUpperCase(),
      name => (name.length === 36 ? `{${name.replaceAll('-', '')}}` : name),
    ])
    const id = { 'X-User-ID': spell(this.oneOf([...ids, ...addresses])) }
    const email = { 'X-User-Email': spell(this.oneOf(addresses)) }
    return this.oneOf<Record<string, string>>([id, email, { ...id, ...email }])
  }

  private put(path: string, body: object): Promise<HttpAnswer> {
    return this.json('PUT', path, body)
  }

  private post(path: string, body: object, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return this.json('POST', path, body, headers)
  }

  private json(method: string, path: string, body: object, more: Record<string, string> = {}): Promise<HttpAnswer> {
    const headers = { 'Content-Type': 'application/json', ...this.somebody(), ...more }
    return this.http.send({ method, path: `${config}/${path}`, headers, body: JSON.stringify(body) })
  }

  private oneOf<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!
  }
}
