import { Workload, type SoakRequest } from './workload.js'

const responseTo = ({ expects }: SoakRequest) => ({
  status: expects,
  head: 'HTTP/1.1 200 OK\r\nShiplog-Position: 3:17\r\nX-Other: 1',
  body: '',
})

function run(workload: Workload, requests: number): SoakRequest[] {
  return Array.from({ length: requests }, () => {
    const request = workload.next()
    workload.settle(request, responseTo(request))
    return request
  })
}

describe('Workload', () => {
  it('has nine writes for each read, and requests of every kind', () => {
    const workload = new Workload(1)
    const requests = run(workload, 5000)
    const writes = requests.filter(({ side }) => side === 'write').length

    expect(writes / requests.length).toBeCloseTo(0.9, 1)
    expect(Object.values(workload.done).every(count => count > 100)).toBe(true)
    expect(workload.events).toBe(writes)
  })

  it('reads one deployment with the position of its last write', () => {
    const one = run(new Workload(1), 500).find(({ kind }) => kind === 'one')!

    expect(one).toMatchObject({ side: 'read', minPosition: '3:17', expects: 200 })
  })

  it('changes no deployment with a pending request or whose recording got no response', () => {
    const workload = new Workload(1)
    const requests = Array.from({ length: 500 }, () => workload.next())
    expect(new Set(requests.filter(({ side }) => side === 'write').map(({ kind }) => kind))).toEqual(
      new Set(['record']),
    )

    for (const request of requests) workload.settle(request, undefined)

    expect(workload.unknown).toBe(requests.filter(({ side }) => side === 'write').length)
    expect(workload.events).toBe(0)
    expect(workload.next().deployment?.position).toBeUndefined()
  })

  it('never completes a deployment twice, or completes or corrects one that was rolled back', () => {
    const paths = run(new Workload(2), 5000).map(({ path }) => path)
    const completed = paths.filter(path => path.endsWith('/complete'))
    const afterRollback = paths.flatMap((path, index) =>
      path.endsWith('/rollback')
        ? paths.slice(index + 1).filter(later => later.startsWith(path.slice(0, -9) + '/c'))
        : [],
    )

    expect(new Set(completed).size).toBe(completed.length)
    expect(afterRollback).toEqual([])
  })
})
