import { chooseByTag, type TaggedSlot } from '#libs/domain'

const slot = (latest: string, more: Partial<TaggedSlot> = {}): TaggedSlot => ({ latest, isRolledBack: false, ...more })
const running = (latest: string, active = latest): TaggedSlot => slot(latest, { active })
const rolledBack = (latest: string): TaggedSlot => slot(latest, { isRolledBack: true })

it('takes what runs', () => {
  expect(chooseByTag([slot('a'), running('b')])).toEqual({ kind: 'one', streamId: 'b', isActive: true })
})

it('takes what runs, not a later success that is rolled back', () => {
  expect(chooseByTag([{ latest: 'later', isRolledBack: true, active: 'earlier' }])).toMatchObject({
    streamId: 'earlier',
  })
})

it('takes the latest success where the tag runs nowhere', () => {
  expect(chooseByTag([slot('a')])).toEqual({ kind: 'one', streamId: 'a', isActive: false })
})

it('lists those that run where more than one does, and the latest ones where none does', () => {
  expect(chooseByTag([running('a'), slot('b'), running('c')])).toEqual({ kind: 'several', streamIds: ['a', 'c'] })
  expect(chooseByTag([slot('a'), slot('b')])).toEqual({ kind: 'several', streamIds: ['a', 'b'] })
})

it('is rolled back already where the tag runs nowhere and is in one slot: asked twice, it would mark two', () => {
  expect(chooseByTag([rolledBack('a')])).toEqual({ kind: 'rolled back', streamId: 'a' })
  expect(chooseByTag([slot('a'), rolledBack('b')])).toEqual({ kind: 'rolled back', streamId: 'b' })
  expect(chooseByTag([rolledBack('a'), running('b')])).toMatchObject({ kind: 'one', streamId: 'b' })
})
