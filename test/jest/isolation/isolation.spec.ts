import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { projectFolder } from '#dev'

it('test files that run in one process leave nothing behind for the next, but packages', () => {
  const jest = join(projectFolder, 'node_modules', 'jest', 'bin', 'jest.js')
  const files = ['first', 'second'].map(name => join(__dirname, `${name}.spec.ts`))
  const options = ['--runInBand', '--selectProjects', 'unit', '--runTestsByPath', '--json']
  const { stdout, stderr } = spawnSync(process.execPath, [jest, ...options, ...files], { encoding: 'utf8' })
  expect([stderr, JSON.parse(stdout)]).toEqual([
    expect.stringContaining('2 passed'),
    expect.objectContaining({ numPassedTestSuites: 2, numPassedTests: 2, numFailedTests: 0 }),
  ])
})
