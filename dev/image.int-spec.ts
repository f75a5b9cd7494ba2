import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '#dev'

// Building the image takes Docker: this checks what its build copies, and the output of `nest build`.

const read = (...path: string[]) => readFileSync(join(projectFolder, ...path), 'utf8')
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))

test('the build of the image copies no tests, dev scripts, benchmarks or specs', () => {
  const copied = lines(read('docker', 'Dockerfile'))
    .filter(line => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap(line => line.split(' ').slice(1, -1))
  const settings = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'nest-cli.json', '.swcrc']
  expect(new Set(copied)).toEqual(new Set([...settings, 'libs', 'apps', 'dev/src']))
  const [first, ...rules] = lines(read('docker', 'Dockerfile.dockerignore'))
  expect(first).toBe('*')
  expect(new Set(rules.filter(rule => rule.startsWith('!')))).toEqual(new Set(copied.map(name => `!${name}`)))
  expect(rules).toContain('**/*spec.ts')
})

describe('the built apps and libs', () => {
  const built = ['apps', 'libs'].flatMap(folder =>
    readdirSync(join(projectFolder, 'dist', folder), { recursive: true, encoding: 'utf8' }).map(name =>
      join('dist', folder, name),
    ),
  )

  test('exist', () => {
    expect(built.filter(file => file.endsWith('main.js')).length).toBeGreaterThan(4)
  })

  test('contain no file named as a spec or test code', () => {
    expect(built.filter(file => /spec\.(js|d\.ts)|\/test-|\/test\//.test(file))).toEqual([])
  })

  test('import neither Jest nor test code', () => {
    const sources = built.filter(file => file.endsWith('.js'))
    expect(sources.filter(file => /from ['"](@?jest[/'"]|#test|#dev)/.test(read(file)))).toEqual([])
  })
})
