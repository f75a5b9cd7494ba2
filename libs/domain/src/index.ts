import type { Decider } from '#libs/contracts'
import { deployment } from './deployment.js'

export { deployment, type Deployment } from './deployment.js'
export { placeOf, runningIndex, tagIndex } from './deployment-index.js'
export { chooseByTag, type TagSelection } from './rollback-by-tag.js'

/** Every kind of stream that there is. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each decider has types of its own
export const deciders: readonly Decider<any, any, any>[] = [deployment]
