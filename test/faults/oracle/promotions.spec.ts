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

describe('checkPromotions', () => {
  it('accepts a promotion that was executed explicitly or when it was due', () => {
    expect(findings(changed(), executed())).toEqual([])
    expect(findings(scheduled, changed('scheduler'), executed('scheduler'))).toEqual([])
  })

  it.each<[string, string[], Given[]]>([
    ['two executions', ['doubled', '2 times'], [changed(), executed(), executed('p0-4', { changes: [] })]],
    ['an execution without its change', ['says other changes'], [executed()]],
    ['a change without its execution', ['says other changes'], [changed()]],
    ['an execution with another change', ['says other changes'], [changed(), executed('p0-3', { changes: [] })]],
    ['an event between change and execution', ['does not follow'], [changed(), scheduled, executed()]],
    [
      'change and execution of different commands',
      ['does not follow'],
      [changed('p0-3', { causation: 'another' }), executed()],
    ],
    ['a promotion that is still scheduled', ['lost', 'was due at'], [scheduled]],
    [
      'an execution before it was due',
      ['automatically at'],
      [scheduled, executed('scheduler', { at: '2026-02-12T11:59:59Z', changes: [] })],
    ],
    [
      'an execution approved by too few people',
      ['by the approval of 1 of 2 people'],
      [
        { type: 'promotion.created', data: { sourceEnvironment: 'staging', targetEnvironment: 'prod' } },
        { type: 'promotion.approved', data: { by: { userId: 'ann', userEmail: 'ann@acme.example' } } },
        { type: 'promotion.approved', data: { by: { userId: 'ANN@acme.example' }, quorumReached: true } },
        changed(),
        executed(),
      ],
    ],
    ['a failure without a reason', ['nobody knows why'], [{ type: 'promotion.failed' }]],
    [
      'a failed validation when it was due, without conflicts',
      ['has no conflicts'],
      [scheduled, { type: 'promotion.validated', actor: 'scheduler', data: { outcome: 'VALIDATION_FAILED' } }],
    ],
  ])('reports %s', (_, words, given) => {
    const found = findings(...given)
    for (const word of words) expect(found).toContainEqual(expect.stringContaining(word))
  })
})

describe('checkCommands', () => {
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

  it('requires a command to have the position of its own event', () => {
    const places = placesOf(log(changed(), executed()))
    expect(checkCommands([...others, sent('3:3')], places)).toEqual([])
    expect(checkCommands([...others, sent('3:2')], places)).toMatchObject([{ is: 'other' }])
  })

  it('reports a command as doubled where its event does not follow its change', () => {
    const places = placesOf(log(changed(), scheduled, executed()))
    expect(checkCommands([...others, sent('3:4')], places)).toMatchObject([{ is: 'doubled' }])
  })

  it('reports a command as doubled where its event occurs twice in succession', () => {
    const places = placesOf(log(changed(), executed(), executed()))
    expect(checkCommands([...others, sent('3:4')], places)).toMatchObject([{ is: 'doubled' }])
  })

  it('ignores executions of the scheduler', () => {
    const places = placesOf(log(scheduled, changed('scheduler'), executed('scheduler')))
    expect(checkCommands(others, places)).toEqual([])
  })
})
