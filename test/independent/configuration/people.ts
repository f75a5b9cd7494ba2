/** How somebody named themselves. */
export interface Named {
  userId?: string
  userEmail?: string
}

/** A name as it is compared: without case, and a UUID without what may be written around its digits. */
function plainName(name: string): string {
  const small = name.normalize('NFKC').trim().toLocaleLowerCase('und')
  const digits = small.replace(/^urn:uuid:/, '').replaceAll(/[-{}]/g, '')
  return /^[0-9a-f]{32}$/.test(digits) ? digits : small
}

function namesOf({ userId, userEmail }: Named): string[] {
  return [userId, userEmail].filter(name => name !== undefined).map(plainName)
}

/** How many people these are, all of their acts considered, other than somebody who is not counted. */
export function countPeople(counted: Named[], acts: Named[], other?: Named): number {
  let groups: string[][] = []
  for (const act of [...counted, ...acts, ...(other ? [other] : [])]) {
    const names = namesOf(act)
    const apart = groups.filter(group => !group.some(name => names.includes(name)))
    const together = groups.filter(group => !apart.includes(group)).flat()
    groups = [...apart, [...together, ...names]]
  }
  const left = other ? namesOf(other) : []
  const ours = counted.flatMap(namesOf)
  return groups.filter(group => group.some(name => ours.includes(name)) && !group.some(name => left.includes(name)))
    .length
}
