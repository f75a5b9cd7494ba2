import {
  approvePromotionSchema,
  compileSchema,
  createPromotionSchema,
  executePromotionSchema,
  rollBackPromotionSchema,
  schedulePromotionSchema,
} from '#libs/contracts'

describe('a body that creates a promotion', () => {
  const validate = compileSchema(createPromotionSchema)
  const good = { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL' }

  it('may be the one of source 004, to the letter', () => {
    const body = `{
"sourceEnvironment": "staging",
"targetEnvironment": "production",
"promotionType": "SELECTIVE",
"configIds": ["770e8400-..."],
"flagIds": ["880e8400-..."],
"keyPatterns": ["query.*"],
"notes": "Promoting query timeout changes verified in staging"
}`
    expect(validate(JSON.parse(body))).toEqual([])
  })

  it('may ask for an image, and for keys to be deleted', () => {
    const image = { application: 'checkout', imageTag: 'v2.1.0-abc1234' }
    expect(validate({ ...good, deleteRemoved: true, image })).toEqual([])
  })

  it('needs two environments and a type', () => {
    expect(validate({})).toEqual([
      { pointer: '/sourceEnvironment', detail: 'is required' },
      { pointer: '/targetEnvironment', detail: 'is required' },
      { pointer: '/promotionType', detail: 'is required' },
    ])
  })

  it.each<[string, object, string, RegExp]>([
    ['an unknown type', { promotionType: 'ALL' }, '/promotionType', /one of FULL, SELECTIVE, PATTERN/],
    ['a type in small letters', { promotionType: 'full' }, '/promotionType', /one of FULL/],
    ['a long pattern', { keyPatterns: ['*'.repeat(257)] }, '/keyPatterns/0', /more than 256/],
    ['one pattern that is no list', { keyPatterns: '*' }, '/keyPatterns', /array/],
    ['an empty id', { configIds: [''] }, '/configIds/0', /fewer than 1/],
    ['a line break in an environment', { targetEnvironment: 'prod\n' }, '/targetEnvironment', /control characters/],
    ['half an image', { image: { application: 'checkout' } }, '/image/imageTag', /required/],
    ['a state of its own', { state: 'APPROVED' }, '/state', /not a known field/],
    ['an author of its own', { author: 'me' }, '/author', /not a known field/],
    ['null', { notes: null }, '/notes', /string/],
  ])('is refused with %s', (_, more, pointer, detail) => {
    expect(validate({ ...good, ...more })).toEqual([{ pointer, detail: expect.stringMatching(detail) }])
  })
})

describe('a body that schedules one', () => {
  const validate = compileSchema(schedulePromotionSchema)
  const at = '2026-12-01T06:00:00Z'

  it.each([[{ at }], [{ at: '2026-12-01T07:00:00+01:00', expiresAfter: 'PT1H', overrideFreeze: 'urgent' }]])(
    'may be %j',
    body => expect(validate(body)).toEqual([]),
  )

  it.each<[string, object, string, RegExp]>([
    ['no time', {}, '/at', /required/],
    ['no zone', { at: '2026-12-01T06:00:00' }, '/at', /RFC 3339/],
    ['a day that there is not', { at: '2026-02-30T06:00:00Z' }, '/at', /RFC 3339/],
    ['a number', { at: 1_764_568_800 }, '/at', /string/],
    ['a duration in months', { at, expiresAfter: 'P1M' }, '/expiresAfter', /ISO 8601/],
    ['an empty reason', { at, overrideFreeze: '' }, '/overrideFreeze', /fewer than 1/],
  ])('is refused with %s', (_, body, pointer, detail) => {
    expect(validate(body)).toEqual([{ pointer, detail: expect.stringMatching(detail) }])
  })
})

it.each([
  ['approve', approvePromotionSchema, { comment: 'fine', contentHash: 'Ab'.repeat(32) }],
  ['execute', executePromotionSchema, { overrideFreeze: 'urgent' }],
  ['roll back', rollBackPromotionSchema, { reason: 'error rate', force: true }],
])('a body to %s one has what it knows, or nothing', (_, schema, body) => {
  const validate = compileSchema(schema)
  expect([validate({}), validate(body)]).toEqual([[], []])
  expect(validate({ ...body, hash: 'x' })).toEqual([{ pointer: '/hash', detail: 'is not a known field' }])
})

it.each(['', 'x'.repeat(64), 'ab'.repeat(31), 17])('the hash of a content that is approved is not %j', contentHash => {
  expect(compileSchema(approvePromotionSchema)({ contentHash })).toMatchObject([{ pointer: '/contentHash' }])
})
