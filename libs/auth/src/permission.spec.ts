import { can, meets, permissions, permissionsOf, type Can, type Requirement } from './permission.js'
import type { Principal } from './principal.js'

const principal: Principal = { id: 'ann', kind: 'user', tenant: 'acme', verified: false }

it('every permission is granted to everybody', () => {
  expect(permissions).toContain('deployments:record')
  expect(permissions.every(permission => can(principal, permission, {}))).toBe(true)
})

const reader: Can = (_, permission, { environment }) => permission.endsWith(':read') && environment !== 'prod'

it.each<[Requirement, boolean]>([
  ['any', true],
  ['config:read', true],
  ['config:write', false],
  [{ allOf: ['config:read', 'flags:read'] }, true],
  [{ allOf: ['config:read', 'flags:write'] }, false],
  [{ anyOf: ['flags:write', 'config:read'] }, true],
  [{ anyOf: ['flags:write', 'config:write'] }, false],
])('a reader meets %j: %j', (requirement, met) => {
  expect(meets(principal, requirement, {}, reader)).toBe(met)
})

it('asks for the scope', () => {
  expect(meets(principal, 'config:read', { environment: 'prod' }, reader)).toBe(false)
  expect(permissionsOf({ anyOf: ['flags:write', 'config:read'] })).toEqual(['flags:write', 'config:read'])
})
