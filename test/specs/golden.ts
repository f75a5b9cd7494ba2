import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'sql-formatter'
import type { Query, Statement } from '#libs/postgres'

/** A statement, and what its text depends on, if it has several. */
export interface Variant {
  statement: Statement
  variant?: string
}

/** The statements that `work` sends: up to the first one without an answer. */
export async function statementsOf(
  work: (query: Query) => Promise<unknown>,
  answer: (name: string) => object[] | undefined = () => undefined,
): Promise<Statement[]> {
  const sent: Statement[] = []
  const unanswered = new Error('no answer')
  const query: Query = async <Row>(statement: Statement) => {
    sent.push(statement)
    const rows = answer(statement.name!)
    if (!rows) throw unanswered
    return rows as Row[]
  }
  await work(query).catch(error => {
    if (error !== unanswered) throw error
  })
  return sent
}

/** The name of the golden file of a statement. */
export const goldenFile = (name: string): string => `${name.replaceAll(/\W+/g, '-')}.sql`

/** By name the content of the golden files: each statement under its name, with all variants. */
function goldenFiles(variants: readonly Variant[], layOut = (text: string) => text): Map<string, string> {
  const byName = new Map<string, Map<string, string>>()
  for (const { statement, variant = '' } of variants) {
    const texts = byName.get(statement.name!) ?? new Map<string, string>()
    byName.set(statement.name!, texts)
    // A variant of the same text as another one says nothing.
    const text = layOut(namedText(statement))
    if (!texts.has(text)) texts.set(text, variant)
  }
  return new Map(
    [...byName].map(([name, texts]) => {
      const parts = [...texts].map(([text, variant]) => (variant ? `-- ${variant}\n${text}` : text))
      return [goldenFile(name), [`-- ${name}`, ...parts].join('\n\n') + '\n']
    }),
  )
}

/** With the names of the parameters, and without the name of the statement. */
function namedText({ name, text, parameters }: Statement): string {
  return text.slice(`/* ${name} */ `.length).replaceAll(/\$(\d+)/g, (_, n) => `$${parameters![n - 1]}`)
}

const formatted = (text: string): string =>
  format(text, { language: 'postgresql', paramTypes: { named: ['$'] }, expressionWidth: 110 })

// The formatter changes white space only. It takes seconds, so it runs where files are written.
const withoutSpace = (files: ReadonlyMap<string, string>) =>
  Object.fromEntries([...files].map(([file, content]) => [file, content.replaceAll(/\s+/g, '')]))

/** Replaces the golden files of a lib. */
function writeGolden(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of files) writeFileSync(join(folder, file), content)
}

/** The golden files of a lib. */
function readGolden(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')]))
}

/** Tests that the golden files in a folder are those of these statements; `npm run golden` writes them first. */
export function describeGolden(folder: string, variantsOf: () => Promise<readonly Variant[]>): void {
  test('each statement is in its golden file: run `npm run golden`, and read the difference', async () => {
    const variants = await variantsOf()
    if (process.env['UPDATE_GOLDEN']) writeGolden(folder, goldenFiles(variants, formatted))
    expect(withoutSpace(readGolden(folder))).toEqual(withoutSpace(goldenFiles(variants)))
  })
}
