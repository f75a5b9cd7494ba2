import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { projectFolder } from '#dev'
import { loadDemo } from '../../dev/src/demo/demo.js'
import { type Service, startService } from '../kit/index.js'
import { readPage } from './markdown.js'
import { Normaliser } from './normalise.js'
import { examplesOf, PageSession } from './page-session.js'

// The examples of a page have the outputs that it prints: the first time and again in the same tenant, with the demo loaded.
// UPDATE_DOCS=1 replaces the outputs that differ by those of the first session.

const PAGES = ['README.md', 'docs/tutorial.md', 'docs/how-to.md']
const SESSIONS = ['first', 'second']

let service: Service

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_SECRETS_KEY: randomBytes(32).toString('base64') })
  await loadDemo(service.http.url)
}, 120_000)
afterAll(() => service?.end())

describe.each(PAGES)('%s', page => {
  test.each(SESSIONS)('prints the actual outputs of its examples, the %s time', async session => {
    const markdown = readPage(page)
    const results = await runExamples(markdown, service.http.url)
    expect(results.length).toBeGreaterThan(0)
    const [printed, answered] = [normalised(results, 'printed'), normalised(results, 'answered')]
    if (process.env['UPDATE_DOCS'] && session === SESSIONS[0]) {
      const differing = results.filter((_, n) => !isDeepStrictEqual(printed[n], answered[n]))
      return update(page, markdown, differing)
    }
    expect(answered).toEqual(printed)
  })
})

interface Result {
  /** Of the output, or of the command where the page prints none. */
  line: number
  language: string
  /** Whether the page has an output. */
  hasOutput: boolean
  printed: string
  answered: string
}

function normalised(results: Result[], of: 'printed' | 'answered'): unknown[] {
  const normaliser = new Normaliser()
  return results.map(result => ({
    line: result.line,
    output: normaliser.normalise(result.language, result[of]),
  }))
}

async function runExamples(markdown: string, url: string): Promise<Result[]> {
  const session = new PageSession(url)
  try {
    const results: Result[] = []
    for (const { command, output } of examplesOf(markdown)) {
      const answered = await session.run(command)
      const { line, language, text: printed } = output ?? { line: command.line, language: 'text', text: '' }
      results.push({ line, language, hasOutput: output !== undefined, printed, answered })
    }
    return results
  } finally {
    session.close()
  }
}

function update(page: string, markdown: string, results: Result[]): void {
  const lines = markdown.split('\n')
  for (const { line, printed, answered } of results.filter(({ hasOutput }) => hasOutput).toReversed()) {
    lines.splice(line - 1, printed.split('\n').length - 1, ...answered.trimEnd().split('\n'))
  }
  writeFileSync(join(projectFolder, page), lines.join('\n'))
}
