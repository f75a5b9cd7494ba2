import { configurationId, type PromotionEvent, type PromotionFinding, type PromotionRequest } from '#libs/contracts'
import { create, TestTenant, validate } from './tenant.js'

export type Validated = Extract<PromotionEvent, { type: 'PromotionValidated' }>

/** Creates a promotion and validates it. */
export const validated = (tenant: TestTenant, request: Partial<PromotionRequest> = {}) => {
  const [event] = tenant.given(create(request)).when(validate()) as Validated[]
  return event!
}

/** A finding whose words fit. */
export const found = (severity: PromotionFinding['severity'], detail: RegExp, key?: string) => ({
  severity,
  ...(key !== undefined && { key }),
  detail: expect.stringMatching(detail),
})

/** A tenant whose two environments differ in every way. */
export const tenant = () =>
  new TestTenant()
    .set('staging', { 'ai.new-model': 'gpt-4-turbo', 'query.timeout': '180s', 'query.limit': 10, same: { a: 1, b: 2 } })
    .set('staging', { 'checkout.v2': { enabled: true } }, 'flag')
    .set('production', { 'query.timeout': '120s', same: { b: 2, a: 1 }, legacy: null })
    .set('production', { old: { enabled: false } }, 'flag')

/** The id of something in the source. */
export const id = (key: string, kind: 'configuration' | 'flag' = 'configuration') =>
  configurationId('acme', 'staging', kind, key)
