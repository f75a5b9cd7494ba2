import type { RawRecord } from '../../independent/log/log-reader.js'
import { checkCommands, placesOf } from './commands.js'
import { checkPromotions } from './promotions.js'

const due = '2026-02-12T12:00:00.000Z'
const changes = [{ kind: 'configuration', key: 'a', after: { value: 1 } }]

interface Given {
  type: string
  actor?: string
  causation?: string
  data?: object
}

/** A log of one partition with a promotion that was created. */
function log(...given: Given[]): RawRecord[] {
  return [{ type: 'promotion.created' } as Given, ...given].map(({ type, actor = 'p0-1', causation, data }, index) => ({
    partition: 3,
    offset: String(index),
    key: 'umbrella',
    value: JSON.stringify({ promotionId: 'x', at: due, by: { userId: actor }, ...data }),
    headers: {
      ce_type: `io.shiplog.${type}.v1`,
      ce_subject: type.startsWith('promotion.') ? 'promotion-umbrella/x' : 'configuration-umbrella/staging',
      ce_tenant: 'umbrella',
      ce_actor: actor,
      ce_causationid: causation ?? `command of ${actor}`,
      ce_ledgerseq: String(index + 1),
    },
  }))
}

const scheduled = { type: 'promotion.scheduled', actor: 'p0-2', data: { scheduledAt: due } }
const executed = (actor = 'p0-3', data: object = {}) => ({
  type: 'promotion.executed',
  actor,
  data: { changes, ...data },
})
const changed = (actor = 'p0-3', more: Partial<Given> = {}) => ({
  type: 'configuration.changed',
  actor,
  data: { promotionId: undefined, changes, cause: { promotionId: 'x', action: 'executed' } },
  ...more,
})
const findings = (...given: Given[]) => checkPromotions(log(...given)).map(({ is, what }) => `${is}: ${what}`)

describe('the oracle of promotions', () => {
  it('has nothing against one that was executed, by hand or when it was due', () => {
    expect(findings(changed(), executed())).toEqual([])
    expect(findings(scheduled, changed('scheduler'), executed('scheduler'))).toEqual([])
  })

  it.each<[string, string[], Given[]]>([
    ['executed twice', ['doubled', '2 times'], [changed(), executed(), executed('p0-4', { changes: [] })]],
    ['executed without its change', ['says other changes'], [executed()]],
    ['a change without its execution', ['says other changes'], [changed()]],
    ['another change', ['says other changes'], [changed(), executed('p0-3', { changes: [] })]],
    ['something between the two', ['does not follow'], [changed(), scheduled, executed()]],
    ['the two of different commands', ['does not follow'], [changed('p0-3', { causation: 'another' }), executed()]],
    ['still scheduled', ['lost', 'was due at'], [scheduled]],
    ['too early', ['by itself at'], [scheduled, executed('scheduler', { at: '2026-02-12T11:59:59Z', changes: [] })]],
    [
      'executed by too few people',
      ['by the approval of 1 of 2 people'],
      [
        { type: 'promotion.created', data: { sourceEnvironment: 'staging', targetEnvironment: 'prod' } },
        { type: 'promotion.approved', data: { by: { userId: 'ann', userEmail: 'ann@acme.example' } } },
        { type: 'promotion.approved', data: { by: { userId: 'ANN@acme.example' }, quorumReached: true } },
        changed(),
        executed(),
      ],
    ],
    ['failed for no reason', ['nobody knows why'], [{ type: 'promotion.failed' }]],
    [
      'held up when it was due, by no conflict',
      ['has no conflicts'],
      [scheduled, { type: 'promotion.validated', actor: 'scheduler', data: { outcome: 'VALIDATION_FAILED' } }],
    ],
  ])('finds what was %s', (_, words, given) => {
    const found = findings(...given)
    for (const word of words) expect(found).toContainEqual(expect.stringContaining(word))
  })
})

describe('a command on a promotion', () => {
  const sent = (position: string) => ({
    token: 'p0-3',
    what: 'execute',
    tenant: 'umbrella',
    application: 'umbrella',
    sentAt: 1,
    endedAt: 2,
    end: 'acked' as const,
    position,
  })
  const others = ['p0-1', 'p0-2'].map(token => ({ ...sent('3:1'), token, end: 'unknown' as const }))

  it('stands where its own event stands, once', () => {
    const places = placesOf(log(changed(), executed()))
    expect(checkCommands([...others, sent('3:3')], places)).toEqual([])
    expect(checkCommands([...others, sent('3:2')], places)).toMatchObject([{ is: 'other' }])
  })

  it('is doubled where it does not follow its change', () => {
    const places = placesOf(log(changed(), scheduled, executed()))
    expect(checkCommands([...others, sent('3:4')], places)).toMatchObject([{ is: 'doubled' }])
  })

  it('is doubled where it is there twice, though both stand behind each other', () => {
    const places = placesOf(log(changed(), executed(), executed()))
    expect(checkCommands([...others, sent('3:4')], places)).toMatchObject([{ is: 'doubled' }])
  })

  it('is none of what executes by itself', () => {
    const places = placesOf(log(scheduled, changed('scheduler'), executed('scheduler')))
    expect(checkCommands(others, places)).toEqual([])
  })
})
