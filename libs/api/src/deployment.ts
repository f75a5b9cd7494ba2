import { deploymentResponseSchema, named } from '#libs/contracts'

/** A deployment: the response of every operation on one, and an item of lists. */
export const deploymentSchema = named('Deployment', deploymentResponseSchema)
