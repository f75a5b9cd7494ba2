import pg from 'pg'
import { createDatabase, type TestDatabase } from '#test/kit'
import { queryOn } from './query-on.js'
import { rowSet } from './row-set.js'
import { statement } from './statement.js'

interface Item {
  id: number
  text?: string
  isNew: boolean
}

const items = rowSet<Item>('item', [
  { name: 'id', type: 'integer', value: item => item.id },
  { name: 'text', type: 'text', value: item => item.text },
  { name: 'is_new', type: 'boolean', value: item => item.isNew },
])
const rows: Item[] = [
  { id: 2, text: `it's "{$1}", \\`, isNew: true },
  { id: 1, isNew: false },
]

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createDatabase('row_set')
  client = new pg.Client(database.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

test('rows come back from Postgres as they were, in order', async () => {
  const found = await queryOn(client)(
    statement(
      'test items',
      `SELECT ${items.columns}, n::integer, $label AS label FROM ${items.numbered} ORDER BY n`,
      { ...items.values(rows), label: 'x' },
      { plan: 'once' },
    ),
  )
  expect(found).toEqual([
    { id: 2, text: rows[0]!.text, is_new: true, n: 1, label: 'x' },
    { id: 1, text: null, is_new: false, n: 2, label: 'x' },
  ])
})

test('one text serves any number of rows', async () => {
  const count = `SELECT count(*)::integer AS count FROM ${items.sql}`
  for (const some of [[], rows, [...rows, ...rows]]) {
    const counted = await queryOn(client)<{ count: number }>(
      statement('test count', count, items.values(some), { plan: 'once' }),
    )
    expect(counted).toEqual([{ count: some.length }])
  }
})
