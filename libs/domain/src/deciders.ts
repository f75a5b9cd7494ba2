import type { Decider } from '#libs/contracts'
import { configuration } from './configuration/configuration.js'
import { deployment } from './deployment/deployment.js'
import { incident } from './incident/incident.js'
import { pipeline } from './pipeline/pipeline.js'
import { promotion } from './promotion/promotion.js'

/** The deciders of all streams. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each decider has types of its own
export const deciders: readonly Decider<any, any, any>[] = [deployment, incident, configuration, pipeline, promotion]
