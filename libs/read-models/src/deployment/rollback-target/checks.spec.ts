import type { DeploymentStatus, Migration } from '#libs/contracts'
import type { SafetyCheck } from '#libs/api'
import { passedOver, recordChecks } from './checks.js'
import type { PresentedRecord, UndoneBy } from './queries.js'

let ids = 0

function record(imageTag: string, more: Partial<PresentedRecord> = {}): PresentedRecord {
  return {
    id: `id-${++ids}`,
    application: 'platform',
    environment: 'prod',
    imageTag,
    status: 'DEPLOYED',
    active: false,
    deployedAt: '2026-02-12T10:00:00Z',
    recordedAt: '2026-02-12T10:00:00Z',
    ...more,
  }
}

const target = record('v1', { notes: 'of the target itself', migrations: [{ id: 'older', reversible: false }] })

function checksOf(problem: PresentedRecord, between: PresentedRecord[] = [], more = false): SafetyCheck[] {
  return recordChecks({ problem, target, between: between.map(deployment => ({ deployment })), more })
}

const undoneBy = (detected: UndoneBy['detected']): UndoneBy => {
  return { id: 'id-of-v1', imageTag: 'v1', deployedAt: '2026-02-12T11:00:00Z', detected }
}

const check = (checks: SafetyCheck[], name: SafetyCheck['name']) => checks.find(one => one.name === name)!

test('the check of the record passes where the target is recorded', () => {
  expect(check(checksOf(record('v2')), 'record')).toEqual({
    name: 'record',
    result: 'pass',
    detail: `v1 is on record as deployment ${target.id}, deployed at 2026-02-12T10:00:00Z.`,
  })
})

describe('the check of notes', () => {
  test('passes where the deployments to be undone have none, whatever the target has', () => {
    expect(check(checksOf(record('v3'), [record('v2')]), 'notes').result).toBe('pass')
  })

  test('passes where only a cancelled deployment has some: it never ran', () => {
    const cancelled = record('v2', {
      notes: 'b',
      status: 'CANCELLED',
      migrations: [{ id: 'm', reversible: false, backwardCompatible: false }],
    })
    const checks = checksOf(record('v3'), [cancelled])
    expect(checks.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass', 'pass'])
    expect(passedOver({ problem: record('v3'), target, between: [{ deployment: cancelled }], more: false })).toEqual([
      { deployment: cancelled, reason: 'It was CANCELLED: it never ran.' },
    ])
  })

  test('warns of notes of the problem and of deployments in between, failed ones too', () => {
    const problem = record('v3', { notes: 'a' })
    const failed = record('v2', { notes: 'b', status: 'FAILED' })
    expect(check(checksOf(problem, [failed]), 'notes')).toEqual({
      name: 'notes',
      result: 'warn',
      detail: `Review the notes of v3 (${problem.id}), v2 (${failed.id}).`,
    })
  })
})

type MigrationFields = Omit<Migration, 'id'>

describe.each<[string, MigrationFields, DeploymentStatus, SafetyCheck['result'], SafetyCheck['result']]>([
  ['backward compatible', { backwardCompatible: true }, 'DEPLOYED', 'pass', 'pass'],
  ['compatible and irreversible', { backwardCompatible: true, reversible: false }, 'DEPLOYED', 'pass', 'pass'],
  ['without further fields', {}, 'DEPLOYED', 'warn', 'unknown'],
  ['reversible, of unknown compatibility', { reversible: true }, 'DEPLOYED', 'warn', 'unknown'],
  ['irreversible, of unknown compatibility', { reversible: false }, 'DEPLOYED', 'fail', 'unknown'],
  ['breaking and reversible', { backwardCompatible: false, reversible: true }, 'DEPLOYED', 'warn', 'warn'],
  ['breaking and irreversible', { backwardCompatible: false, reversible: false }, 'DEPLOYED', 'fail', 'fail'],
  ['breaking, of unknown reversibility', { backwardCompatible: false }, 'DEPLOYED', 'warn', 'fail'],
  ['breaking, of a failed deployment', { backwardCompatible: false, reversible: false }, 'FAILED', 'warn', 'warn'],
  [
    'breaking, of a deployment rolled back',
    { backwardCompatible: false, reversible: false },
    'ROLLED_BACK',
    'warn',
    'warn',
  ],
])('a migration that is %s', (_name, fields, status, migrations, compatibility) => {
  const between = record('v2', { status, migrations: [{ id: '0042', ...fields }] })

  test(`gives ${migrations} for reversal, ${compatibility} for compatibility`, () => {
    const checks = checksOf(record('v3'), [between])
    expect([check(checks, 'migrations').result, check(checks, 'backwardCompatibility').result]).toEqual([
      migrations,
      compatibility,
    ])
  })
})

test('a migration of the problem counts in any status', () => {
  const migrations = [{ id: '0042', backwardCompatible: false, reversible: false }]
  const checks = checksOf(record('v3', { status: 'ROLLED_BACK', migrations }))
  expect(check(checks, 'migrations')).toMatchObject({ result: 'fail', detail: 'Cannot be reversed: 0042 of v3.' })
})

test('a migration of a deployment that was undone gives a warning, since it may have been reversed', () => {
  const migrations = [{ id: '0042', backwardCompatible: false, reversible: false }]
  const between = [{ deployment: record('v2', { migrations }), undoneBy: undoneBy('inferred') }]
  const checks = recordChecks({ problem: record('v3'), target, between, more: false })
  expect([check(checks, 'migrations').result, check(checks, 'backwardCompatibility').result]).toEqual(['warn', 'warn'])
})

test('the check of migrations passes without any, and takes the worst result of several', () => {
  expect(check(checksOf(record('v2')), 'migrations').result).toBe('pass')
  const several = [{ id: 'a', backwardCompatible: true }, { id: 'b' }, { id: 'c', reversible: false }]
  expect(check(checksOf(record('v2', { migrations: several })), 'migrations')).toMatchObject({
    result: 'fail',
    detail: 'Cannot be reversed: c of v2.',
  })
})

test('notes and migrations are unknown rather than passed where not all deployments were read, and failures remain', () => {
  const breaking = record('v2', { migrations: [{ id: '0042', backwardCompatible: false }] })
  const results = checksOf(record('v3'), [breaking], true).map(({ name, result }) => [name, result])
  expect(results).toEqual([
    ['record', 'pass'],
    ['notes', 'unknown'],
    ['migrations', 'unknown'],
    ['backwardCompatibility', 'fail'],
  ])
})

test('details list 20 migrations at most', () => {
  const migrations = Array.from({ length: 25 }, (_, n) => ({ id: `m${n}` }))
  expect(check(checksOf(record('v2', { migrations })), 'migrations').detail).toMatch(/m19 of v2 and 5 more\.$/)
})

test('passedOver gives a reason for each deployment', () => {
  const problem = record('v9')
  const between = [
    record('v8', { status: 'PENDING' }),
    record('v7', { status: 'FAILED' }),
    record('v6', { status: 'ROLLED_BACK' }),
    record('v5', { status: 'ROLLED_BACK', rolledBackAt: '2026-02-12T11:00:00Z' }),
    record('v9'),
  ].map(deployment => ({ deployment }))
  const undone = [
    { deployment: record('v4'), undoneBy: undoneBy('reported') },
    { deployment: record('v3'), undoneBy: undoneBy('inferred') },
  ]
  expect(passedOver({ problem, between: [...between, ...undone], more: false }).map(({ reason }) => reason)).toEqual([
    'It is PENDING: it has not succeeded yet.',
    'It FAILED.',
    'It was itself rolled back.',
    'It was itself rolled back at 2026-02-12T11:00:00Z.',
    'It has the same tag as the problem, v9.',
    'It was undone: deployment id-of-v1 of v1, at 2026-02-12T11:00:00Z, reports to have rolled it back.',
    'It was undone: deployment id-of-v1 of v1, at 2026-02-12T11:00:00Z, went back from it to an older version.',
  ])
})
