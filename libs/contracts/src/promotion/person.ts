/** The person who acts on a promotion, by user id, e-mail address, or both. */
export interface Person {
  userId?: string
  userEmail?: string
}

const UUID = /^(?:urn:uuid:)?\{?([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})\}?$/

/**
 * The canonical spelling by which ids and e-mail addresses of people are compared: case, Unicode compatibility forms and invisible
 * characters are ignored; a UUID has hyphens, regardless of braces, URN prefix or missing hyphens. Ids and addresses share this form, as an
 * address may be used as an id.
 */
export function comparedName(name: string): string {
  const seen = name
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .trim()
  // Upper case first: some letters have several lower-case forms.
  const folded = seen.toUpperCase().toLowerCase().normalize('NFKC')
  return folded.replace(UUID, '$1-$2-$3-$4-$5')
}

/** Whether two actors of events are the same; two missing actors are. */
export function sameActor(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return comparedName(a) === comparedName(b)
}

/** Whether two people share a name (id or address). */
export function samePerson(a: Person, b: Person): boolean {
  return new People([]).same(a, b)
}

/** Distinguishes people by all of their names: whoever shares a name with a person is that person, transitively (union-find). */
export class People {
  /** Links each name to another name of the same person. */
  private readonly links = new Map<string, string>()

  /** @param acts people as they identified themselves in each action, in any order */
  constructor(acts: readonly Person[]) {
    for (const act of acts) this.link(namesOf(act))
  }

  same(a: Person, b: Person): boolean {
    const ofA = new Set(namesOf(a).map(name => this.root(name)))
    return namesOf(b).some(name => ofA.has(this.root(name)))
  }

  /** The number of distinct people; those without a name do not count. */
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
