import { driftExamples, driftHistorySchema, driftMatrixSchema, driftSchema } from '#libs/api'

/** Example responses. */
export const examples = driftExamples

/** Problems of the operations. */
export const problems = {
  404: 'An environment is unknown: not in the pipeline, and without deployments and configuration. `environments` lists the known ones.',
}

/** Schemas of the responses. */
export const schemas = { drift: { oneOf: [driftSchema, driftMatrixSchema] }, history: driftHistorySchema }
