import { confirmed, dataOf, items, NotConfirmed, reflecting } from './index.js'

const respond = (init: ResponseInit = {}) => new Response(null, init)

test('confirmed throws for a command that is only accepted', () => {
  const command = { id: '1', status: 'accepted' as const, url: '/api/v1/commands/1' }
  expect(() => confirmed({ data: command, response: respond({ status: 202 }) })).toThrow(NotConfirmed)
  expect(confirmed({ data: { id: '1', state: 'DRAFT' }, response: respond() })).toEqual({ id: '1', state: 'DRAFT' })
})

test('dataOf throws for an error that is no problem', () => {
  expect(() => dataOf({ response: respond({ status: 502 }) })).toThrow('502')
})

test('reflecting joins the positions of responses that have some', () => {
  const at = (position: string) => respond({ headers: { 'Shiplog-Position': position } })
  expect(reflecting(at('3:17'), respond(), at('1:2,5:8'))).toEqual({ 'Shiplog-Min-Position': '3:17,1:2,5:8' })
  expect(reflecting(respond())).toEqual({})
})

test('items reads no page after the last one', async () => {
  const link = { Link: '<http://localhost/list?limit=2&cursor=n%2Fext>; rel="next"' }
  const pages = [
    {
      data: ['a', 'b'],
      response: Object.defineProperty(respond({ headers: link }), 'url', { value: 'http://localhost/list' }),
    },
    { data: ['c'], response: respond() },
  ]
  const cursors: unknown[] = []
  const found: string[] = []
  const list = items(async cursor => {
    cursors.push(cursor)
    return pages[cursors.length - 1]!
  })
  for await (const item of list) found.push(item)
  expect([found, cursors]).toEqual([
    ['a', 'b', 'c'],
    [undefined, 'n/ext'],
  ])
})
