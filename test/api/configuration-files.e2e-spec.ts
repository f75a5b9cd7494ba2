import fc from 'fast-check'
import { hostileLines } from '../hostile/json-bodies.js'
import { deploymentsPath, expectProblem, type HttpAnswer, type Service, startService } from '../kit/index.js'

// Import and export of configuration as files, over HTTP, with one process.

const environments = '/api/v1/config/environments'
const types = { json: 'application/json', yaml: 'application/yaml', properties: 'text/x-java-properties' }
type Form = keyof typeof types

let service: Service

beforeAll(async () => {
  service = await startService('standalone')
}, 60_000)
afterAll(() => service?.end())

const put = (path: string, body: string, form: Form = 'json') =>
  service.http.send({ method: 'PUT', path: `${environments}/${path}`, headers: { 'Content-Type': types[form] }, body })

async function exported(environment: string, form: Form, after: HttpAnswer): Promise<string> {
  const http = service.http.after(after)
  const path = `${environments}/${environment}/configurations${form === 'json' ? '?export=true' : ''}`
  return (await http.get(path, { Accept: types[form] })).text
}

it('an import rejects each hostile line alone, with its pointer', async () => {
  const good = '{"environment": "dev", "imageTag": "v1", "deployedAt": "2026-02-12T10:00:00Z"}'
  const answer = await service.http.as('lines').send({
    method: 'POST',
    path: `${deploymentsPath}/import`,
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: [good, ...hostileLines.map(({ line }) => line)].join('\n'),
  })
  const [first, ...others] = answer.text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(first).toMatchObject({ line: 1, result: 'recorded' })
  expect(others.map(({ result, problem }) => [result, problem.status, problem.errors[0].pointer])).toEqual(
    hostileLines.map(({ pointer }) => ['refused', 400, pointer]),
  )
})

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('yes', '012', '=', '<<', 'a\nb\n', ' a\nb', '~'),
  )
  .filter(text => text.isWellFormed() && !text.includes('\0'))
// oxlint-disable-next-line no-control-regex -- a key has none of them
const key = text.filter(key => !/^$|[\u0000-\u001f\u007f]/.test(key) && key !== '__proto__')
const number = fc
  .double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
  .map(number => number + 0)
const { json } = fc.letrec(tie => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.constantFrom(null, true, false),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      text.filter(name => name !== '__proto__'),
      tie('json'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}))

describe.each<[Form, fc.Arbitrary<unknown>]>([
  ['json', json],
  ['yaml', json],
  ['properties', text],
])('an export as %s', (form, value) => {
  it('changes nothing when it is imported again, and makes an equal copy in another environment', async () => {
    const keys = fc.dictionary(key, value, { minKeys: 1, maxKeys: 60, noNullPrototype: true })
    let run = 0
    await fc.assert(
      fc.asyncProperty(keys, async values => {
        const [here, there] = [`${form}-${++run}`, `${form}-copy-${run}`]
        const first = await put(`${here}/configurations`, JSON.stringify(values))
        expect(first.json).toMatchObject({ revision: 1, set: Object.keys(values).length })
        const file = await exported(here, form, first)
        const again = await put(`${here}/configurations`, file, form)
        expect([file, again.status, again.json]).toEqual([
          file,
          200,
          { environment: here, revision: 1, set: 0, deleted: 0, unchanged: Object.keys(values).length },
        ])
        const copy = await put(`${there}/configurations`, file, form)
        expect(JSON.parse(await exported(there, 'json', copy))).toEqual(values)
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })
})

it('a number of any size is stored exactly, or rejected with its pointer', async () => {
  const digits = fc.stringMatching(/^(?:0|[1-9][0-9]{0,22})$/)
  const fraction = fc.option(fc.stringMatching(/^[0-9]{1,22}$/), { nil: undefined })
  const exponent = fc.option(fc.integer({ min: -330, max: 330 }), { nil: undefined })
  const outcomes = { taken: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(fc.constantFrom('', '-'), digits, fraction, exponent),
      async ([sign, whole, part, power]) => {
        const numeral = `${sign}${whole}${part === undefined ? '' : `.${part}`}${power === undefined ? '' : `e${power}`}`
        const answer = await put('numbers/configurations/n', `{"value": [${numeral}]}`)
        const inYaml = await put('numbers/configurations?dryRun=true', `n: [${numeral}]`, 'yaml')
        expect([numeral, inYaml.status < 300]).toEqual([numeral, answer.status < 300])
        if (answer.status >= 300) {
          outcomes.refused++
          expectProblem(answer, 400, { pointer: '/value/0' })
          expectProblem(inYaml, 400, { pointer: '/n/0' })
          return
        }
        outcomes.taken++
        const [, stored] = /"value":\[([^\]]+)\]/.exec(answer.text)!
        expect([numeral, scaled(stored!)]).toEqual([numeral, scaled(numeral)])
        expect([numeral, inYaml.json.unchanged]).toEqual([numeral, 1])
      },
    ),
    { numRuns: 300, endOnFailure: true },
  )
  expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(10)
})

/** A numeral as an integer, in units of 1e-400. */
function scaled(numeral: string): bigint {
  const [significand = '', exponent = '0'] = numeral.split(/e/i)
  const [whole = '', part = ''] = significand.split('.')
  return BigInt(whole + part) * 10n ** BigInt(400 + Number(exponent) - part.length)
}
