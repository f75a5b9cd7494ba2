/** Example responses. */
export const examples = {
  pipeline: {
    environments: [
      { name: 'dev', aliases: ['development'], approvals: 0 },
      { name: 'staging', aliases: ['stage'], approvals: 1 },
      { name: 'production', aliases: ['prod'], approvals: 2 },
    ],
  },
  freezes: [{ name: 'christmas', from: '2026-12-23T00:00:00Z', to: '2027-01-02T00:00:00Z', reason: 'Holidays' }],
  keySchemas: [
    { keyPattern: 'query.*', schema: { type: 'string' }, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'ann' },
  ],
}

/** Schema of the key schemas. */
export const keySchemas = {
  type: 'array',
  items: {
    type: 'object',
    required: ['keyPattern', 'schema', 'updatedAt'],
    properties: {
      keyPattern: { type: 'string', description: 'Glob pattern of the keys that the schema applies to.' },
      schema: { description: 'A JSON Schema (2020-12).' },
      updatedAt: { type: 'string', format: 'instant', description: 'Time of the last change.' },
      updatedBy: { type: 'string', description: 'Actor of the last change.' },
    },
  },
}
