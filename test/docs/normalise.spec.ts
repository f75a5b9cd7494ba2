import { Normaliser } from './normalise.js'

const id = (digit: string) => `${digit.repeat(8)}-0000-7000-8000-000000000000`

test('sessions that differ in ids, positions, recording times and chosen names are normalised to equal texts', () => {
  const [one, other] = [new Normaliser(), new Normaliser()]
  const printed = `{ "id": "${id('a')}", "position": "1:2", "recordedAt": "2026-11-21T15:32:07.461Z", "app": "shop-1764511111" }`
  const answered = `{"id":"${id('b')}","position":"11:20","recordedAt":"2027-01-01T00:00:00Z","app":"shop-1764522222"}\n`
  expect(one.normalise('json', printed)).toEqual(other.normalise('json', answered))
})

test.each([
  ['a repeated id', `${id('a')} ${id('a')}`, `${id('a')} ${id('b')}`],
  ['a reported time', '2026-02-12T10:00:00Z', '2026-02-12T10:00:01Z'],
  ['a value', '{"rate":0.5}', '{"rate":0.25}'],
  ['an additional line', 'one', 'one\ntwo'],
])('outputs that differ in %s stay different', (_, printed, answered) => {
  expect(new Normaliser().normalise('text', printed)).not.toEqual(new Normaliser().normalise('text', answered))
})
