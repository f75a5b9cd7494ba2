import { storedFields, type StoredField } from '#libs/contracts'
import { type FieldColumn, fieldColumns } from './columns.js'
import { versionColumns } from './version-rows.js'

it('does not compile where a member of a deployment has no column', () => {
  const ofToday = fieldColumns satisfies Record<StoredField, FieldColumn>
  // @ts-expect-error -- it has no column
  const ofTomorrow = fieldColumns satisfies Record<StoredField | 'region', FieldColumn>
  expect(Object.keys(ofToday)).toEqual(storedFields)
  expect(ofTomorrow).toBe(ofToday)
})

it('writes each column once', () => {
  const names = versionColumns.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
