import { headerAuthenticator, MalformedCredential } from './authenticator.js'
import { actorOf, personOf, type Principal } from './principal.js'

const authenticate = (headers: Record<string, string>) =>
  headerAuthenticator.authenticate(name => headers[name]) as Principal

describe('the principal of the headers', () => {
  it.each<[Record<string, string>, Principal]>([
    [{}, { id: '', kind: 'anonymous', tenant: 'default', verified: false }],
    [
      { 'X-Tenant-ID': 'acme', 'X-User-ID': 'ann' },
      { id: 'ann', kind: 'user', tenant: 'acme', verified: false },
    ],
    [
      { 'X-User-Email': 'a@acme.example' },
      { id: 'a@acme.example', kind: 'email', tenant: 'default', email: 'a@acme.example', verified: false },
    ],
    [
      { 'X-User-ID': 'ann', 'X-User-Email': 'a@acme.example' },
      { id: 'ann', kind: 'user', tenant: 'default', email: 'a@acme.example', verified: false },
    ],
  ])('%j', (headers, principal) => {
    expect(authenticate(headers)).toEqual(principal)
  })

  it.each([
    ['X-Tenant-ID', ''],
    ['X-Tenant-ID', 'a/b'],
    ['X-User-ID', ''],
    ['X-User-ID', 'x'.repeat(257)],
    ['X-User-Email', 'a\u0007'],
  ])('refuses %s %j', (header, value) => {
    expect(() => authenticate({ [header]: value })).toThrow(MalformedCredential)
    expect(() => authenticate({ [header]: value })).toThrow(expect.objectContaining({ header }))
  })
})

describe('what events record of a principal', () => {
  it.each([
    [{}, undefined, {}],
    [{ 'X-User-ID': 'ann' }, 'ann', { userId: 'ann' }],
    [{ 'X-User-Email': 'a@acme.example' }, 'a@acme.example', { userEmail: 'a@acme.example' }],
    [{ 'X-User-ID': 'ann', 'X-User-Email': 'a@acme.example' }, 'ann', { userId: 'ann', userEmail: 'a@acme.example' }],
    [{ 'X-User-ID': 'a@b', 'X-User-Email': 'a@b' }, 'a@b', { userId: 'a@b', userEmail: 'a@b' }],
  ])('%j', (headers, actor, person) => {
    const principal = authenticate(headers as Record<string, string>)
    expect(actorOf(principal)).toBe(actor)
    expect(JSON.stringify(personOf(principal))).toBe(JSON.stringify(person))
  })
})
