/** A body that must be refused: 400, naming the place of the fault (RFC 6901) first. */
export interface BadBody {
  name: string
  body: string | Buffer
  pointer: string
}

const record = (more: object = {}) => ({ environment: 'dev', imageTag: 'v1', ...more })
const withFacts = (name: string, more: object, pointer: string): BadBody => ({
  name,
  body: JSON.stringify(record(more)),
  pointer,
})
const startedAt = (deployedAt: unknown) =>
  withFacts(`a start of ${JSON.stringify(deployedAt)}`, { deployedAt }, '/deployedAt')
/** A record as text, with further members as they are written here. */
const written = (name: string, members: string, pointer: string): BadBody => ({
  name,
  body: `{"environment":"dev","imageTag":"v1",${members}}`,
  pointer,
})
const bytes = (name: string, ...inTag: number[]): BadBody => ({
  name,
  body: Buffer.concat([Buffer.from('{"environment":"dev","imageTag":"'), Buffer.from(inTag), Buffer.from('"}')]),
  pointer: '',
})

/** Bodies of one deployment, each on one line, so that it can be a line of an import too. */
export const badBodies: BadBody[] = [
  // These eight pass a usual validation and fail in Postgres, where they would stop a partition for ever.
  withFacts('NUL in a text', { notes: 'a\0b' }, '/notes'),
  withFacts('NUL in the value of a label', { labels: { team: 'a\0b' } }, '/labels/team'),
  withFacts('NUL in the key of a label', { labels: { 'a\0b': 'team' } }, '/labels'),
  written('a lone surrogate in the value of a label', String.raw`"labels":{"team":"\ud800x"}`, '/labels/team'),
  startedAt('2026-W47-6'),
  startedAt('2026-02-30T10:00:00Z'),
  startedAt('2026'),
  startedAt('0000-01-01T00:00:00Z'),
  // These two throw inside class-transformer.
  written('5,000 levels', `"labels":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, `/labels${'/a'.repeat(31)}`),
  written('an own __proto__', '"__proto__":{"status":"FAILED"}', '/__proto__'),
  // These are silently changed.
  written('a lone surrogate in a text', String.raw`"notes":"\udfff"`, '/notes'),
  startedAt('2026-02-12T10:00:00'),

  written('a lone surrogate in the key of a label', String.raw`"labels":{"\ud800":"x"}`, '/labels'),
  written('__proto__ among the labels', '"labels":{"__proto__":"x"}', '/labels/__proto__'),
  written('a prototype of a constructor', '"labels":{"constructor":{"prototype":{}}}', '/labels/constructor'),
  startedAt('2026-02-30'),
  startedAt('2026-02-12'),
  startedAt('2026-02-12 10:00:00Z'),
  startedAt('2026-02-12T24:00:00Z'),
  startedAt('2026-06-30T23:59:60Z'),
  startedAt('+002026-02-12T10:00:00Z'),
  startedAt(''),
  startedAt(1_770_890_400_000),
  startedAt(null),
  withFacts(
    'a commit of 30 February',
    { commits: [{ sha: 'a', committedAt: '2026-02-30T10:00:00Z' }] },
    '/commits/0/committedAt',
  ),
  withFacts('20,001 values', { commits: Array.from({ length: 20_001 }, () => 1) }, '/commits/19996'),
  withFacts(
    '65 labels',
    { labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, ''])) },
    '/labels',
  ),
  withFacts('a tag of 257 characters', { imageTag: 'x'.repeat(257) }, '/imageTag'),
  withFacts('an empty environment', { environment: '' }, '/environment'),
  withFacts('a tag with a line break', { imageTag: 'a\nb' }, '/imageTag'),
  withFacts('a number for a tag', { imageTag: 1 }, '/imageTag'),
  withFacts('null', { gitCommit: null }, '/gitCommit'),
  withFacts('an unknown status', { status: 'deployed' }, '/status'),
  withFacts('an unknown field', { enviroment: 'dev' }, '/enviroment'),
  withFacts('an unknown field in an object', { pipeline: { runid: '1' } }, '/pipeline/runid'),
  withFacts('an id that is no UUID', { id: 'deploy-17' }, '/id'),
  withFacts('a rollbackOf that is no UUID', { rollbackOf: '17' }, '/rollbackOf'),
  withFacts('a string for a boolean', { unplanned: 'true' }, '/unplanned'),
  { name: 'no environment', body: '{"imageTag":"v1"}', pointer: '/environment' },
  { name: 'an empty object', body: '{}', pointer: '/environment' },
  { name: 'an array', body: '[]', pointer: '' },
  { name: 'an array of records', body: `[${JSON.stringify(record())}]`, pointer: '' },
  { name: 'a number', body: '17', pointer: '' },
  { name: 'a text', body: '"v1"', pointer: '' },
  { name: 'null itself', body: 'null', pointer: '' },
  { name: 'half of a document', body: '{"environment":"dev"', pointer: '' },
  { name: 'two documents', body: `${JSON.stringify(record())}{}`, pointer: '' },
  { name: 'NaN', body: '{"environment":NaN}', pointer: '' },
  bytes('bytes that are no UTF-8', 0xc3, 0x28),
  bytes('an overlong encoding', 0xc0, 0xaf),
  bytes('a surrogate in UTF-8', 0xed, 0xa0, 0x80),
]

/** Bodies that cannot be one line. */
export const badDocuments: BadBody[] = [
  { name: 'nothing', body: '', pointer: '' },
  { name: 'UTF-16', body: Buffer.from(JSON.stringify(record()), 'utf16le'), pointer: '' },
]
