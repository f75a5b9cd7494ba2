import { chooseByTag, type TaggedSlot } from '#libs/domain'

const slot = (latest: string, more: Partial<TaggedSlot> = {}): TaggedSlot => ({ latest, isRolledBack: false, ...more })
const activeSlot = (latest: string, active = latest): TaggedSlot => slot(latest, { active })
const rolledBack = (latest: string): TaggedSlot => slot(latest, { isRolledBack: true })

it('chooseByTag selects the active deployment', () => {
  expect(chooseByTag([slot('a'), activeSlot('b')])).toEqual({ kind: 'one', streamId: 'b', isActive: true })
})

it('chooseByTag selects the active deployment, not a later one that is rolled back', () => {
  expect(chooseByTag([{ latest: 'later', isRolledBack: true, active: 'earlier' }])).toMatchObject({
    streamId: 'earlier',
  })
})

it('chooseByTag selects the latest success if the tag is active in no slot', () => {
  expect(chooseByTag([slot('a')])).toEqual({ kind: 'one', streamId: 'a', isActive: false })
})

it('chooseByTag lists the active deployments of several slots, or the latest ones if none is active', () => {
  expect(chooseByTag([activeSlot('a'), slot('b'), activeSlot('c')])).toEqual({ kind: 'several', streamIds: ['a', 'c'] })
  expect(chooseByTag([slot('a'), slot('b')])).toEqual({ kind: 'several', streamIds: ['a', 'b'] })
})

it('chooseByTag reports a slot as already rolled back if the tag is active nowhere, so that a repeat marks no other slot', () => {
  expect(chooseByTag([rolledBack('a')])).toEqual({ kind: 'rolled back', streamId: 'a' })
  expect(chooseByTag([slot('a'), rolledBack('b')])).toEqual({ kind: 'rolled back', streamId: 'b' })
  expect(chooseByTag([rolledBack('a'), activeSlot('b')])).toMatchObject({ kind: 'one', streamId: 'b' })
})
