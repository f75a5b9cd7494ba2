import { commitPathSchema, pathExamples, tagPathSchema } from '#libs/api'

/** Example responses. */
export const examples = pathExamples

/** Problems by operation. */
export const problems = {
  tag: { 404: 'No deployment has this tag.' },
  commit: { 404: 'No deployment contains this commit.' },
}

/** Schemas of the responses. */
export const schemas = { tag: tagPathSchema, commit: commitPathSchema }
