import { freezesSchema, keySchemasSchema, pipelineExamples, pipelineSchema } from '#libs/api'

/** Example responses. */
export const examples = pipelineExamples

/** Schemas of the responses. */
export const schemas = { pipeline: pipelineSchema, freezes: freezesSchema, keySchemas: keySchemasSchema }
