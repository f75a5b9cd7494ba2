import { comparedName, People, sameActor, samePerson, type Person } from '#libs/contracts'

const uuid = '550e8400-e29b-41d4-a716-446655440001'

describe('a name', () => {
  it.each([
    ['a UUID in capitals', uuid.toUpperCase()],
    ['a UUID without hyphens', uuid.replaceAll('-', '')],
    ['a UUID in braces', `{${uuid}}`],
    ['a UUID as a URN', `URN:UUID:${uuid}`],
    ['a bare UUID in braces and capitals', `{${uuid.replaceAll('-', '').toUpperCase()}}`],
    ['a UUID with a character that nobody sees', `${uuid.slice(0, 3)}\u200b${uuid.slice(3)}`],
  ])('is the same as %s', (_, other) => {
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
  ])('%s is the same as %s', (name, other) => {
    expect(sameActor(name, other)).toBe(true)
  })

  it.each([
    ['dev', 'dev2'],
    [uuid, uuid.replace('1', '2')],
    ['dev@acme.example', 'dev@acme.test'],
    ['550e8400', '550e-8400'],
    ['dev', undefined],
  ])('%s is not the same as %s', (name, other) => {
    expect(sameActor(name, other)).toBe(false)
    expect(sameActor(other, name)).toBe(false)
  })

  it('of nobody is the same as of nobody', () => {
    expect(sameActor(undefined, undefined)).toBe(true)
  })
})

describe('people', () => {
  const [u1, u2] = [{ userId: 'U1' }, { userId: 'u2' }]
  const [atA, atB] = [{ userEmail: 'a@acme.example' }, { userEmail: 'b@acme.example' }]

  it.each<[string, Person, Person]>([
    ['an id', u1, { userId: 'u1', ...atB }],
    ['an address', { ...u1, ...atA }, { ...u2, userEmail: 'A@acme.example' }],
    ['an address that is an id of the other', atA, { userId: 'A@ACME.EXAMPLE' }],
  ])('who share %s are one', (_, a, b) => {
    expect([samePerson(a, b), samePerson(b, a)]).toEqual([true, true])
  })

  it('who share nothing are two, and who has no name is nobody', () => {
    expect(samePerson({ ...u1, ...atA }, { ...u2, ...atB })).toBe(false)
    expect(samePerson({}, {})).toBe(false)
    expect(new People([{}]).count([{}, u1, {}])).toBe(1)
  })

  it('are one by way of what others are seen to share', () => {
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
