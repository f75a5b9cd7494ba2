import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeOwnFolder, reachableByAll, readableByAll, unprivilegedUser } from './unprivileged.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shiplog-spec-'))
  chmodSync(folder, 0o755)
})

afterEach(() => rmSync(folder, { recursive: true }))

test('unprivilegedUser returns postgres or nobody for root, and throws if neither exists', () => {
  const postgres = 'postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash'
  const nobody = 'nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin'
  expect(unprivilegedUser(0, () => `root:x:0:0:\n${nobody}\n${postgres}\n`)).toEqual({ uid: 101, gid: 104 })
  expect(unprivilegedUser(0, () => `root:x:0:0:\n${nobody}\n`)).toEqual({ uid: 65534, gid: 65533 })
  expect(unprivilegedUser(1000, () => postgres)).toBeUndefined()
  expect(() => unprivilegedUser(0, () => 'root:x:0:0:\n')).toThrow(/start Shiplog as another user, or set DATABASE_URL/)
})

test('reachableByAll and readableByAll are false below a folder of mode 0700', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '', { mode: 0o644 })
  expect([reachableByAll(file), readableByAll(file)]).toEqual([true, true])
  chmodSync(file, 0o600)
  expect([reachableByAll(file), readableByAll(file)]).toEqual([true, false])
  chmodSync(folder, 0o700)
  chmodSync(file, 0o644)
  expect([reachableByAll(file), readableByAll(file)]).toEqual([false, false])
})

test('makeOwnFolder creates a folder of mode 0700, and rejects a symbolic link', () => {
  const own = join(folder, 'own')
  makeOwnFolder(own, undefined)
  expect(statSync(own).mode & 0o777).toBe(0o700)
  symlinkSync('/', join(folder, 'link'))
  expect(() => makeOwnFolder(join(folder, 'link'), undefined)).toThrow(/symbolic link/)
})
