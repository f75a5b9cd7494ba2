import { bulkChangeSchema, configurationChangeExamples } from '#libs/api'

/** Request bodies. */
export const examples = {
  put: {
    'plain value': { value: '180s', description: 'Maximum duration of a query.' },
    'secret value': { value: 'correct horse', secret: true },
  },
  putFlag: {
    on: { enabled: true },
    'for 10 % of requests': { enabled: true, variants: ['a', 'b'], rules: [{ variant: 'b', percentage: 10 }] },
  },
  patch: { 'set and delete': { set: { 'query.timeout': '180s', 'query.limit': 500 }, delete: ['query.old'] } },
  patchFlags: { 'set and delete': { set: { 'new-search': { enabled: false } }, delete: ['old-search'] } },
  whole: { 'two keys': { 'query.timeout': '180s', 'query.limit': 500 } },
}

/** Limit of a body with many keys, in bytes. */
export const LARGEST = 4 * 1024 * 1024

const repeated = 'the `Idempotency-Key` was used before with a different body or by another actor.'
const keyErrors = {
  412: 'The revision differs from `If-Match`. `revision` has the current one.',
  413: 'The body is larger than 1 MiB.',
  415: 'The Content-Type is not `application/json`.',
  422: `No key is configured to encrypt a secret, or ${repeated}`,
}
const bulkErrors = {
  412: 'The revision of the environment differs from `If-Match`. `revision` has the current one.',
  413: 'The body is larger than 4 MiB.',
  415: 'The Content-Type is not supported.',
  422: `The event would be too large, no key is configured to encrypt a secret, or ${repeated}`,
}

const environment = { type: 'string', example: 'staging' }
const key = { type: 'string', example: 'query.timeout' }

/** Responses and errors of a PUT of one key. */
export function keySetting(response: { schema: object; example: object }) {
  return {
    tagged: true,
    accepted: { environment, key },
    responses: {
      201: { description: 'The key was created.', ...response },
      200: { description: 'The key as stored now, changed or unchanged.', ...response },
    },
    errors: keyErrors,
  }
}

/** Responses and errors of a DELETE of one key. */
export const keyDeletion = {
  accepted: { environment, key },
  responses: { 204: { description: 'The key does not exist any more.' } },
  errors: keyErrors,
}

/** Responses and errors of a change of many keys. */
export function bulk(
  schema: object = bulkChangeSchema,
  responses: Record<string, object> = { changed: configurationChangeExamples.bulkChange },
) {
  const description = 'Number of keys that were set, deleted, and unchanged.'
  return {
    tagged: true,
    accepted: { environment },
    responses: { 200: { description, schema, examples: responses } },
    errors: bulkErrors,
  }
}
