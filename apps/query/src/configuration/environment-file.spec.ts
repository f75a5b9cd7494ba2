import { parse as parseProperties } from 'dot-properties'
import { parse as parseYaml } from 'yaml'
import type { Json } from '#libs/contracts'
import { acceptedForm, environmentFile } from './environment-file.js'

const values: [string, Json][] = [
  ['query.timeout', '180s'],
  ['10', 'ten'],
  ['2', 'two'],
  ['yes', 'no'],
  ['__proto__', { __proto__: null, a: [1, null, true] }],
  ['multi', 'a\nb: #c\\d=e'],
  ['ключ пробел', '\u{1F600} '],
  [':=#!', ' leading'],
]
const keys = values.map(([key, value]) => ({ key, value }))

test.each([
  [undefined, 'json', 'application/json'],
  ['*/*', 'json', 'application/json'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'json', 'application/json'],
  ['application/json, text/plain, */*', 'json', 'application/json'],
  ['application/yaml', 'yaml', 'application/yaml'],
  ['Text/YAML; charset=utf-8', 'yaml', 'text/yaml'],
  ['text/x-java-properties', 'properties', 'text/x-java-properties'],
  ['application/json;q=0.1, application/yaml;q=0.9', 'yaml', 'application/yaml'],
  ['application/yaml;q=0', 'json', 'application/json'],
  ['image/png', 'json', 'application/json'],
])('Accept: %s is answered with %s', (accept, form, type) => {
  expect(acceptedForm(accept)).toEqual({ form, type })
})

test('JSON and YAML give every key and value back, in order', () => {
  const json = environmentFile(keys, 'json')
  expect([...json.matchAll(/[{,]"(10|2)":/g)].map(([, key]) => key)).toEqual(['10', '2'])
  expect(Object.entries(JSON.parse(json) as object)).toEqual(expect.arrayContaining(values))
  const yaml = parseYaml(environmentFile(keys, 'yaml'), { mapAsMap: true, stringKeys: true }) as Map<string, unknown>
  expect([...yaml.keys()]).toEqual(values.map(([key]) => key))
  expect(yaml.get('multi')).toBe('a\nb: #c\\d=e')
  expect(yaml.get('yes')).toBe('no')
})

test('YAML quotes texts that readers of YAML 1.1 would take for something else', () => {
  const texts = ['yes', 'off', '2026-01-01', '12:30:45', '007']
  const yaml = environmentFile(
    texts.map(text => ({ key: `key of ${text}`, value: text })),
    'yaml',
  )
  expect(parseYaml(yaml, { version: '1.1' })).toEqual(Object.fromEntries(texts.map(text => [`key of ${text}`, text])))
})

test('.properties give every text back, and the rest as JSON', () => {
  const parsed = Object.entries(parseProperties(environmentFile(keys, 'properties')) as Record<string, string>)
  const texts = values.filter(([key]) => key !== '__proto__')
  expect(parsed).toEqual(expect.arrayContaining(texts))
  expect(environmentFile([{ key: 'list', value: [1, 'a'] }], 'properties')).toBe('list = [1,"a"]\n')
})
