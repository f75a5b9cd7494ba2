// npm run golden: writes the golden files of all SQL statements, libs/*/golden/**/*.sql. They are read like code: run it, then read the difference.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { project } from './bootstrap.mjs'

const jest = join(project, 'node_modules', 'jest', 'bin', 'jest.js')
const { status } = spawnSync(
  process.execPath,
  [jest, '--selectProjects', 'unit', '--testPathPatterns', 'src/golden-'],
  {
    cwd: project,
    env: { ...process.env, UPDATE_GOLDEN: '1' },
    stdio: 'inherit',
  },
)
process.exit(status ?? 1)
