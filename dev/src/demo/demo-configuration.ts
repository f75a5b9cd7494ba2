/** Keys of one environment, set in one request. */
interface DemoSettings {
  name: string
  environment: 'staging' | 'production'
  what: 'configurations' | 'flags'
  by: string
  set: Record<string, unknown>
}

/** A promotion, and the actions on it with their actors, in order. */
interface DemoPromotion {
  name: string
  by: string
  request: Record<string, unknown>
  actions: { action: 'validate' | 'approve' | 'execute'; by: string }[]
}

const [ana, ben, chen] = ['ana@acme.example', 'ben@acme.example', 'chen@acme.example']
const environments = { sourceEnvironment: 'staging', targetEnvironment: 'production' }

/** The configuration of staging and production before any promotion. */
export const demoConfiguration: DemoSettings[] = [
  {
    name: 'production',
    environment: 'production',
    what: 'configurations',
    by: ana,
    set: { 'query.timeout': '120s', 'query.limit': 500, 'tax.rules': '2025', 'mail.sender': 'shop@acme.example' },
  },
  {
    name: 'staging',
    environment: 'staging',
    what: 'configurations',
    by: ana,
    set: {
      'query.timeout': '180s',
      'query.limit': 500,
      'tax.rules': '2026',
      'mail.sender': 'shop@acme.example',
      'ai.new-model': 'gpt-4-turbo',
    },
  },
  {
    name: 'flags',
    environment: 'staging',
    what: 'flags',
    by: ben,
    set: { 'new-search': { enabled: true, variants: ['a', 'b'], rules: [{ variant: 'b', percentage: 10 }] } },
  },
]

/** One executed promotion, and one that needs a second approval. */
export const demoPromotions: DemoPromotion[] = [
  {
    name: 'query',
    by: ana,
    request: { ...environments, promotionType: 'PATTERN', keyPatterns: ['query.*'], notes: 'Verified in staging' },
    actions: [
      { action: 'validate', by: ana },
      { action: 'approve', by: ben },
      { action: 'approve', by: chen },
      { action: 'execute', by: ana },
    ],
  },
  {
    name: 'tax',
    by: ben,
    request: { ...environments, promotionType: 'PATTERN', keyPatterns: ['tax.*'], notes: 'From the first of January' },
    actions: [
      { action: 'validate', by: ben },
      { action: 'approve', by: ana },
    ],
  },
]
