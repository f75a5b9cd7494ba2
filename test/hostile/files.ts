import { everywhere, file, json, key, numerals, environments } from './json-bodies.js'
import type { HostileRequest } from './hostile-case.js'

type Expected = [pointer?: string, detail?: string]

const put =
  (type: string) =>
  (name: string, body: string, ...[pointer = '', detail = '']: Expected): HostileRequest => ({
    name: `${name} (${type})`,
    request: { method: 'PUT', path: file, headers: { 'Content-Type': type }, body },
    status: 400,
    place: { pointer },
    detail,
  })
const yaml = put('application/yaml')
const properties = put('text/x-java-properties')
const wholeJson = put('application/json')
const lines = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n')
const deeper = 'deeper than 32 levels'

const nested: HostileRequest[] = [
  ...['[', '{', '- ', '? ', '? - ', '[a: ', '{a: ', '[{a: ', '- ? ', '[[], ', '- - ', '? ? '].flatMap(unit =>
    [40, 4000, 100_000].map(count => yaml(`${count} times ${JSON.stringify(unit)}`, unit.repeat(count), '', '')),
  ),
  ...['[', '{a: ', '- ', '? '].map(unit =>
    yaml(`4,000 times ${unit}below a key`, `a:\n  ${unit.repeat(4000)}`, '', deeper),
  ),
  yaml(
    '400 levels by lines',
    lines(400, n => `${' '.repeat(n)}a:`),
    '',
    deeper,
  ),
  yaml('400 lists by lines', `a:\n${lines(400, n => `${' '.repeat(n + 1)}-`)}`, '', deeper),
  yaml('200 levels, closed', `a: ${'['.repeat(200)}${']'.repeat(200)}`, '', deeper),
  wholeJson('100,000 open lists', '['.repeat(100_000), '', 'is not JSON'),
  wholeJson('100,000 open objects', `${'{"a":'.repeat(100_000)}}`, '/a'.repeat(32), deeper),
  wholeJson('4 MiB of open lists', `${'['.repeat(4_000_000)}]`, '/0'.repeat(32), deeper),
  json(
    'a value of 100,000 levels',
    'PUT',
    key,
    `{"value": ${'['.repeat(100_000)}}`,
    `/value${'/0'.repeat(31)}`,
    deeper,
  ),
]

const longPrefix = `? ${'p'.repeat(500_000)}\n: {${lines(10_000, n => ` k${n}: 1,`)}}`
const large: HostileRequest[] = [
  yaml('YAML of 1.5 MiB', `a: ${'x'.repeat(1_500_000)}`, '', 'more than 1 MiB'),
  yaml('200,001 values', `a: [${'1,'.repeat(200_001)}]`, '/a/199998', 'more than 200000 values'),
  yaml(
    '14,000 keys',
    lines(14_000, n => `k${n}: 1`),
    '',
    '10000',
  ),
  yaml('14,000 names, the first again', `a: {${lines(14_000, n => ` k${n}: 1,`)} k0: 2}`, '/a/k0', 'occurs twice'),
  yaml(
    '2,000 anchors in a chain',
    `a0: &a0 [1]\n${lines(2000, n => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)}`,
    '/a0',
    'anchor',
  ),
  yaml('100,000 empty documents', '---\n'.repeat(100_000), '', 'second document'),
  yaml('1 MiB of quotes', '"'.repeat(1_000_000), '', 'is not valid YAML'),
  yaml('1 MiB of digits', `a: ${'9'.repeat(1_000_000)}`, '/a', 'beyond'),
  yaml('1 MiB of digits behind a point', `a: 0.${'3'.repeat(1_000_000)}`, '/a', 'more digits'),
  yaml('a tag of 1 MiB', `a: !${'x'.repeat(1_000_000)} 1`, '/a', 'tag'),
  yaml('a directive of 1 MiB', `%YAML 1.${'1'.repeat(1_000_000)}\n---\na: 1`, '', '%YAML directive'),
  yaml('a name of 1 MiB', `? ${'k'.repeat(1_000_000)}\n: 1`, `/${'k'.repeat(512)}...`, '512 characters'),
  {
    ...yaml('a prefix of 500 KB before 10,000 names', longPrefix, `/${'p'.repeat(512)}...`, 'too long'),
    request: {
      method: 'PUT',
      path: `${file}?flatten=true`,
      headers: { 'Content-Type': 'application/yaml' },
      body: longPrefix,
    },
  },
  properties('4 MiB of newlines', '\n'.repeat(4_000_000), '', 'is empty'),
  properties('2 million comments', '#\n'.repeat(2_000_000), '', 'is empty'),
  properties(
    '1 million keys',
    lines(400_000, n => `k${n}=`),
    '',
    'more than 10000 keys',
  ),
  properties('4 MiB of backslashes', '\\'.repeat(4_000_001), '', 'ends with a backslash'),
  properties('2 million continued lines', `a=${'\\\n'.repeat(2_000_000)}`, '', 'ends with a backslash'),
  wholeJson('200,001 values', `{"a": [${'1,'.repeat(200_001)}1]}`, '/a/199998', 'more than 200000 values'),
  wholeJson('10,001 keys', `{${lines(10_001, n => `"k${n}": 1${n < 10_000 ? ',' : ''}`)}}`, '', '10000'),
  wholeJson('a name of 4 MB', `{"${'k'.repeat(4_000_000)}": 1}`, `/${'k'.repeat(512)}...`, '512 characters'),
]

const empty: HostileRequest[] = [
  ...['\n', '~', 'null', '# nothing', '---', '---\n...\n', '\ufeff', ' '].map(text =>
    yaml(`nothing: ${JSON.stringify(text)}`, text, '', 'is empty'),
  ),
  ...['\n', '# nothing', '\ufeff\n'].map(text => properties(`nothing: ${JSON.stringify(text)}`, text, '', 'is empty')),
  wholeJson('nothing: null', 'null', '', 'is empty'),
  ...[' ', '\ufeff'].map(text => wholeJson(`nothing: ${JSON.stringify(text)}`, text, '', 'is not JSON')),
]

const foreign: HostileRequest[] = [
  yaml('a circular alias', 'a: &a\n  b: *a', '/a', '(line 2)'),
  yaml('a list that holds itself', 'a: &a [*a]', '/a', 'anchor'),
  yaml('an alias without anchor', 'a: 1\nb: *nowhere', '/b', '(line 2)'),
  yaml('a merge key', 'base: {x: 1}\nderived:\n  <<: {y: 3}', '/derived', 'merge key'),
  ...[
    '!!set {b, c}',
    '!!omap [b: 1]',
    '!!binary aGk=',
    '!!timestamp 2026-01-01',
    '!!pairs [b: 1]',
    '!mine 1',
    '!!python/object:os.system x',
    '!<tag:example.org,2026:a> b',
  ].map(value => yaml(`the tag of ${value}`, `a: ${value}`, '/a', 'tag')),
  yaml('a %TAG directive', '%TAG !! tag:example.org,2026:\n---\na: !!int 1', '', '%TAG'),
  yaml('another version', '%YAML 1.1\n---\na: yes', '', '%YAML directive'),
  yaml('two documents', 'a: 1\n---\nb: 1', '', '(line 2)'),
  yaml('a map as a name', '? {a: b}\n: c', '', 'name that is not a string'),
  ...['.nan', '.inf', '-.INF', '!!float .nan'].map(value => yaml(value, `a: 1\nb: ${value}`, '/b', '(line 2)')),
  ...['\\0', '\\ud800', '\\udc00\\ud800'].map(value => yaml(value, `a: "${value}"`, '/a', '')),
  ...['home=C:\\users\\app', 'home=C:\\Users', 'home=\\u12', 'home=\\ud800', 'home=\\u0000'].map(text =>
    properties(text, `a=1\n${text}`, '/home', '(line 2)'),
  ),
]

const names: HostileRequest[] = [
  json('a bad key in a PATCH', 'PATCH', file, '{"set": {"good": 1, "b\\nd": 2}}', '/set/b\nd', 'control characters'),
  json(
    'a long key in a PATCH',
    'PATCH',
    file,
    `{"set": {"${'k'.repeat(513)}": 2}}`,
    `/set/${'k'.repeat(512)}...`,
    '512',
  ),
  json('__proto__ to be deleted', 'PATCH', file, '{"delete": ["a", "__proto__"]}', '/delete/1', '__proto__'),
  json(
    '__proto__ as a secret',
    'PATCH',
    file,
    '{"set": {"a": 1}, "secrets": ["__proto__"]}',
    '/secrets/0',
    '__proto__',
  ),
  json('__proto__ in a PATCH', 'PATCH', file, '{"set": {"__proto__": 1}}', '/set/__proto__', '__proto__'),
  json('__proto__ in a value', 'PUT', key, '{"value": {"a": [{"__proto__": 1}]}}', '/value/a/0/__proto__', '__proto__'),
  yaml('__proto__', '__proto__: {a: 1}', '/__proto__', '__proto__'),
  properties('__proto__', '__proto__=1', '/__proto__', '__proto__'),
  wholeJson('__proto__', '{"__proto__": 1}', '/__proto__', '__proto__'),
  yaml('a name twice', 'limit: 9\nlimit: 0', '/limit', '(line 2)'),
  properties('a name twice', 'limit=9\nlimit=0', '/limit', '(line 2)'),
  wholeJson('a name twice', '{"limit": 9,\n"limit": 0}', '/limit', '(line 2)'),
  ...['configurations', 'flags'].flatMap(kind =>
    ['GET', 'PUT', 'DELETE'].map((method): HostileRequest => ({
      name: `${method} ${kind}/__proto__`,
      request: {
        method,
        path: `${environments}/dev/${kind}/__proto__`,
        ...(method === 'PUT' && {
          headers: { 'Content-Type': 'application/json' },
          body: kind === 'flags' ? '{"enabled": true}' : '{"value": 1}',
        }),
      },
      status: 400,
      place: { parameter: 'key' },
    })),
  ),
]

const numbers: HostileRequest[] = [
  ...numerals.map(numeral => yaml(numeral, `a: 1\nb: [${numeral}]`, '/b/0', '(line 2)')),
  ...['0x20000000000000', '0o400000000000000000', '!!int "9007199254740993"'].map(numeral =>
    yaml(numeral, `a: ${numeral}`, '/a', 'beyond'),
  ),
]

/** Configuration files and JSON that is not what it seems: each is refused with its place, in time in proportion to its size. */
export const hostileFiles: HostileRequest[] = [
  ...nested,
  ...large,
  ...empty,
  ...foreign,
  ...names,
  ...everywhere,
  ...numbers,
]
