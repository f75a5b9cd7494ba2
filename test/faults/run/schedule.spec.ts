import type { Lane } from '../kinds/fault-kind.js'
import { scheduleOf } from './schedule.js'

const kind = (name: string, weight: number, lane: Lane = 'command') => ({ name, weight, lane })
const kinds = [kind('kill', 3), kind('freeze', 1), kind('reset', 2, 'kafka')]

function first(count: number, seed: number, lane: Lane = 'command') {
  const schedule = scheduleOf(seed, lane, kinds)
  return Array.from({ length: count }, () => schedule.next().value)
}

it('a seed gives the same schedule each time', () => {
  expect(first(50, 7)).toEqual(first(50, 7))
  expect(first(50, 8)).not.toEqual(first(50, 7))
})

it('each kind occurs in proportion to its weight, for any seed', () => {
  for (const seed of [1, 2, 3]) {
    const names = first(40, seed).map(fault => fault.kind.name)
    expect(names.filter(name => name === 'kill')).toHaveLength(30)
    expect(names.filter(name => name === 'freeze')).toHaveLength(10)
  }
})

it('a lane has its own kinds and its own seeds', () => {
  expect(new Set(first(10, 1, 'kafka').map(fault => fault.kind.name))).toEqual(new Set(['reset']))
  expect(first(10, 1, 'kafka').map(({ seed }) => seed)).not.toEqual(first(10, 1).map(({ seed }) => seed))
})

it('faults that stop everything have long pauses, unless no other kinds are selected', () => {
  const dropped = kind('index-dropped', 1, 'everything')
  const pauses = (all: (typeof dropped)[]) => {
    const schedule = scheduleOf(1, 'everything', all)
    return Array.from({ length: 20 }, () => schedule.next().value.pauseMs)
  }
  expect(Math.min(...pauses([...kinds, dropped]))).toBeGreaterThanOrEqual(45_000)
  expect(Math.max(...pauses([dropped]))).toBeLessThanOrEqual(4000)
})
