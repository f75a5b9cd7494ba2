import { comparedName, People, sameActor, samePerson, type Person } from '#libs/contracts'

const uuid = '550e8400-e29b-41d4-a716-446655440001'

describe('comparedName and sameActor', () => {
  it.each([
    ['the same UUID in capitals', uuid.toUpperCase()],
    ['the same UUID without hyphens', uuid.replaceAll('-', '')],
    ['the same UUID in braces', `{${uuid}}`],
    ['the same UUID as a URN', `URN:UUID:${uuid}`],
    ['the same UUID without hyphens in braces and capitals', `{${uuid.replaceAll('-', '').toUpperCase()}}`],
    ['the same UUID with an invisible character', `${uuid.slice(0, 3)}\u200b${uuid.slice(3)}`],
  ])('treat a UUID as equal to %s', (_, other) => {
    expect(comparedName(other)).toBe(comparedName(uuid))
    expect(sameActor(uuid, other)).toBe(true)
  })

  it.each([
    ['dev@acme.example', 'Dev@ACME.example'],
    ['dev@acme.example', 'dev\uff20acme.example'],
    ['zo\u00eb', 'ZOE\u0308'],
    ['stra\u00dfe', 'STRASSE'],
    ['\u03bf\u03b4\u03cc\u03c2', '\u039f\u0394\u038c\u03a3'],
    [' dev ', 'dev'],
  ])('treat %s and %s as equal', (name, other) => {
    expect(sameActor(name, other)).toBe(true)
  })

  it.each([
    ['dev', 'dev2'],
    [uuid, uuid.replace('1', '2')],
    ['dev@acme.example', 'dev@acme.test'],
    ['550e8400', '550e-8400'],
    ['dev', undefined],
  ])('treat %s and %s as different', (name, other) => {
    expect(sameActor(name, other)).toBe(false)
    expect(sameActor(other, name)).toBe(false)
  })

  it('treat two missing names as equal', () => {
    expect(sameActor(undefined, undefined)).toBe(true)
  })
})

describe('people', () => {
  const [u1, u2] = [{ userId: 'U1' }, { userId: 'u2' }]
  const [atA, atB] = [{ userEmail: 'a@acme.example' }, { userEmail: 'b@acme.example' }]

  it.each<[string, Person, Person]>([
    ['an id', u1, { userId: 'u1', ...atB }],
    ['an address', { ...u1, ...atA }, { ...u2, userEmail: 'A@acme.example' }],
    ['an address that the other uses as an id', atA, { userId: 'A@ACME.EXAMPLE' }],
  ])('who share %s are the same person', (_, a, b) => {
    expect([samePerson(a, b), samePerson(b, a)]).toEqual([true, true])
  })

  it('who share nothing are different, and a person without a name is not counted', () => {
    expect(samePerson({ ...u1, ...atA }, { ...u2, ...atB })).toBe(false)
    expect(samePerson({}, {})).toBe(false)
    expect(new People([{}]).count([{}, u1, {}])).toBe(1)
  })

  it('are the same person if other identities link them', () => {
    const people = new People([
      { ...u1, ...atA },
      { ...u2, ...atA },
      { ...u2, ...atB },
    ])
    expect([people.same(u1, atB), people.same(atB, u1)]).toEqual([true, true])
    expect(people.count([u1, u2, atA, atB, { userId: 'u3' }])).toBe(2)
    expect(people.same(u1, { userId: 'u3' })).toBe(false)
  })
})
