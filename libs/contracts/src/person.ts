/** Who acts on a promotion: known by id and by e-mail address, by one of them where the other is not said. */
export interface Person {
  userId?: string
  userEmail?: string
}

const UUID = /^(?:urn:uuid:)?\{?([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})\}?$/

/**
 * The one spelling of a name by which people are compared: without regard to case, to forms of the same character and to characters
 * that nobody sees; a UUID with hyphens, whether it came so, in braces, as a URN or bare. Ids and addresses share it: an address may
 * be somebody's id elsewhere.
 */
export function comparedName(name: string): string {
  const seen = name
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .trim()
  // By way of capitals, as Unicode folds case: some letters have several small forms.
  const folded = seen.toUpperCase().toLowerCase().normalize('NFKC')
  return folded.replace(UUID, '$1-$2-$3-$4-$5')
}

/** Whether two actors, by the names that events carry, are one; nobody is nobody else. */
export function sameActor(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return comparedName(a) === comparedName(b)
}

/** Whether two acts are one person's: they share a name. Where in doubt, they are. */
export function samePerson(a: Person, b: Person): boolean {
  return new People([]).same(a, b)
}

/** Tells people apart by all the names that they were seen to use: who shares one with somebody is that person, and so on from there. */
export class People {
  /** From each name to another one of the same person. */
  private readonly links = new Map<string, string>()

  /** @param acts people as they named themselves, in any order */
  constructor(acts: readonly Person[]) {
    for (const act of acts) this.link(namesOf(act))
  }

  same(a: Person, b: Person): boolean {
    const ofA = new Set(namesOf(a).map(name => this.root(name)))
    return namesOf(b).some(name => ofA.has(this.root(name)))
  }

  /** How many people these are; who has no name is nobody. */
  count(people: readonly Person[]): number {
    return new Set(people.flatMap(person => namesOf(person).slice(0, 1)).map(name => this.root(name))).size
  }

  private link([first, ...others]: string[]): void {
    for (const name of others) {
      const [a, b] = [this.root(first!), this.root(name)]
      if (a !== b) this.links.set(a, b)
    }
  }

  private root(name: string): string {
    let at = name
    for (let next = this.links.get(at); next !== undefined; next = this.links.get(at)) at = next
    return at
  }
}

function namesOf({ userId, userEmail }: Person): string[] {
  return [userId, userEmail].flatMap(name => (name === undefined ? [] : [comparedName(name)]))
}
