// npm run boundaries, second part: what folders must be like. Usage: node dev/structure.mjs [project]
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOTS = ['apps', 'libs', 'dev', 'bench', 'test']
const PRODUCTION = ['apps', 'libs', 'dev', 'bench']
const MAX_FILES = 12
const SKIPPED = new Set(['node_modules', 'dist', 'peers'])

const project = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)))
const files = ROOTS.flatMap(root => sourcesBelow(root))
const texts = new Map(files.map(file => [file, readFileSync(join(project, file), 'utf8')]))
const aliases = readAliases()

const findings = [...folderCycles(), ...importsFromAbove(), ...crowdedFolders(), ...testCode()]
for (const { folder, rule, detail } of findings) console.log(`${rule}: ${folder}: ${detail}`)
console.log(`${files.length} source files, ${findings.length} findings`)
process.exitCode = findings.length > 0 ? 1 : 0

/** Type imports count: whoever reads a folder must read what its types come from. */
function folderCycles() {
  const edges = new Map()
  for (const { from, to, file } of imports()) {
    if (!edges.has(from)) edges.set(from, new Map())
    if (from !== to) edges.get(from).set(to, file)
  }
  return stronglyConnected(edges).flatMap(cycle =>
    cycle.map(folder => {
      const [next, file] = [...edges.get(folder)].find(([to]) => cycle.includes(to))
      return { folder, rule: 'no-folder-cycle', detail: `${basename(file)} imports ${next}, which leads back` }
    }),
  )
}

function importsFromAbove() {
  return imports()
    .filter(({ from, to }) => from.startsWith(`${to}/`))
    .map(({ from, target, file }) => ({
      folder: from,
      rule: 'no-import-from-above',
      detail: `${basename(file)} imports ${target}`,
    }))
}

function crowdedFolders() {
  const counts = new Map()
  for (const file of files.filter(file => !isSpec(file) && !isExemptFromCount(file))) {
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > MAX_FILES)
    .map(([folder, count]) => ({
      folder,
      rule: 'no-crowded-folder',
      detail: `${count} source files, at most ${MAX_FILES}`,
    }))
}

function testCode() {
  return files
    .filter(file => PRODUCTION.includes(file.split('/')[0]) && !isSpec(file))
    .flatMap(file => {
      const reason = reasonForTestCode(file)
      return reason ? [{ folder: dirname(file), rule: 'no-test-code', detail: `${basename(file)} ${reason}` }] : []
    })
}

function reasonForTestCode(file) {
  if (/^(test|mock|fake)-|[.-](test|mock)\.\w+$/.test(basename(file))) return 'is named as test code'
  const names = importsOf(file)
  if (names.some(name => /^(jest$|@jest\/)/.test(name))) return 'imports Jest'
  // Benchmarks run the shapes that tests run.
  if (!file.startsWith('bench/') && names.some(name => name.startsWith('#test'))) return 'imports #test'
  const [call] =
    /(?<![.\w])(expect\(|(before|after)(All|Each)\(|(describe|it)(\.\w+)*\(['"`])/.exec(texts.get(file)) ?? []
  return call && `calls ${call.replace(/\(.*/, '')}`
}

/** Imports of one source file by another one in another folder; specs are not looked at, which may use everything. */
function imports() {
  return files
    .filter(file => !isSpec(file))
    .flatMap(file =>
      importsOf(file).flatMap(name => {
        const target = resolve(file, name)
        return target ? [{ file, target, from: dirname(file), to: dirname(target) }] : []
      }),
    )
}

function importsOf(file) {
  return ts.preProcessFile(texts.get(file), true, true).importedFiles.map(({ fileName }) => fileName)
}

function resolve(file, name) {
  if (name.startsWith('.')) return existing(posix.join(dirname(file), name))
  for (const { pattern, targets } of aliases) {
    const star = pattern.exec(name)?.[1]
    if (star === undefined && !pattern.test(name)) continue
    for (const target of targets) {
      const found = existing(target.replace('*', star ?? ''))
      if (found) return found
    }
  }
  return undefined
}

function existing(path) {
  return [path, path.replace(/\.js$/, '.ts')].find(candidate => texts.has(candidate))
}

function readAliases() {
  const config = ts.readConfigFile(join(project, 'tsconfig.json'), path => readFileSync(path, 'utf8')).config ?? {}
  return Object.entries(config.compilerOptions?.paths ?? {}).map(([name, targets]) => ({
    pattern: new RegExp(`^${name.replace('*', '(.+)')}$`),
    targets: targets.map(target => posix.normalize(target)),
  }))
}

function isSpec(file) {
  return /\.(int-|e2e-)?spec\.ts$/.test(file)
}

function isExemptFromCount(file) {
  return /\/(migrations|generated)\//.test(file) || /\.(generated|d)\.ts$/.test(file)
}

function sourcesBelow(folder) {
  if (!existsSync(join(project, folder))) return []
  return readdirSync(join(project, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesBelow(path)
    return /\.(ts|mjs|js)$/.test(entry.name) ? [path] : []
  })
}

/** Tarjan's algorithm: the groups of more than one folder that all lead to each other. */
function stronglyConnected(edges) {
  const found = []
  const index = new Map()
  const low = new Map()
  const stack = []
  const visit = folder => {
    index.set(folder, index.size)
    low.set(folder, index.get(folder))
    stack.push(folder)
    for (const next of edges.get(folder)?.keys() ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(folder, Math.min(low.get(folder), low.get(next)))
    }
    if (low.get(folder) !== index.get(folder)) return
    const group = stack.splice(stack.indexOf(folder))
    if (group.length > 1) found.push(group)
  }
  for (const folder of edges.keys()) if (!index.has(folder)) visit(folder)
  return found
}
