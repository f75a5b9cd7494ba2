import {
  approvePromotionSchema,
  compileSchema,
  createPromotionSchema,
  executePromotionSchema,
  rollBackPromotionSchema,
  schedulePromotionSchema,
} from '#libs/contracts'

describe('createPromotionSchema', () => {
  const validate = compileSchema(createPromotionSchema)
  const good = { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL' }

  it('accepts the example of source document 004', () => {
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

  it('accepts an image and `deleteRemoved`', () => {
    const image = { application: 'checkout', imageTag: 'v2.1.0-abc1234' }
    expect(validate({ ...good, deleteRemoved: true, image })).toEqual([])
  })

  it('requires two environments and a type', () => {
    expect(validate({})).toEqual([
      { pointer: '/sourceEnvironment', detail: 'is required' },
      { pointer: '/targetEnvironment', detail: 'is required' },
      { pointer: '/promotionType', detail: 'is required' },
    ])
  })

  it.each<[string, object, string, RegExp]>([
    ['an unknown type', { promotionType: 'ALL' }, '/promotionType', /one of FULL, SELECTIVE, PATTERN/],
    ['a type in lower case', { promotionType: 'full' }, '/promotionType', /one of FULL/],
    ['a long pattern', { keyPatterns: ['*'.repeat(257)] }, '/keyPatterns/0', /more than 256/],
    ['a pattern outside an array', { keyPatterns: '*' }, '/keyPatterns', /array/],
    ['an empty id', { configIds: [''] }, '/configIds/0', /fewer than 1/],
    ['a line break in an environment', { targetEnvironment: 'prod\n' }, '/targetEnvironment', /control characters/],
    ['an image without a tag', { image: { application: 'checkout' } }, '/image/imageTag', /required/],
    ['a state', { state: 'APPROVED' }, '/state', /not a known field/],
    ['an author', { author: 'me' }, '/author', /not a known field/],
    ['null', { notes: null }, '/notes', /string/],
  ])('rejects %s', (_, more, pointer, detail) => {
    expect(validate({ ...good, ...more })).toEqual([{ pointer, detail: expect.stringMatching(detail) }])
  })
})

describe('schedulePromotionSchema', () => {
  const validate = compileSchema(schedulePromotionSchema)
  const at = '2026-12-01T06:00:00Z'

  it.each([[{ at }], [{ at: '2026-12-01T07:00:00+01:00', expiresAfter: 'PT1H', overrideFreeze: 'urgent' }]])(
    'accepts %j',
    body => expect(validate(body)).toEqual([]),
  )

  it.each<[string, object, string, RegExp]>([
    ['a missing time', {}, '/at', /required/],
    ['a time without a zone', { at: '2026-12-01T06:00:00' }, '/at', /RFC 3339/],
    ['a day that does not exist', { at: '2026-02-30T06:00:00Z' }, '/at', /RFC 3339/],
    ['a number as the time', { at: 1_764_568_800 }, '/at', /string/],
    ['a duration in months', { at, expiresAfter: 'P1M' }, '/expiresAfter', /ISO 8601/],
    ['an empty override reason', { at, overrideFreeze: '' }, '/overrideFreeze', /fewer than 1/],
  ])('rejects %s', (_, body, pointer, detail) => {
    expect(validate(body)).toEqual([{ pointer, detail: expect.stringMatching(detail) }])
  })
})

it.each([
  ['approve', approvePromotionSchema, { comment: 'fine', contentHash: 'Ab'.repeat(32) }],
  ['execute', executePromotionSchema, { overrideFreeze: 'urgent' }],
  ['roll back', rollBackPromotionSchema, { reason: 'error rate', force: true }],
])('the body to %s a promotion may have its known fields or none', (_, schema, body) => {
  const validate = compileSchema(schema)
  expect([validate({}), validate(body)]).toEqual([[], []])
  expect(validate({ ...body, hash: 'x' })).toEqual([{ pointer: '/hash', detail: 'is not a known field' }])
})

it.each(['', 'x'.repeat(64), 'ab'.repeat(31), 17])(
  'approvePromotionSchema rejects the content hash %j',
  contentHash => {
    expect(compileSchema(approvePromotionSchema)({ contentHash })).toMatchObject([{ pointer: '/contentHash' }])
  },
)
