import type { FaultKind } from './fault-kind.js'
import { clockKinds } from './clock.js'
import { connectionKinds } from './connections.js'
import { failpointKinds } from './failpoints.js'
import { lockKinds } from './locks.js'
import { lostStateKinds } from './lost-state.js'
import { networkKinds } from './network.js'
import { processKinds } from './processes.js'
import { serverKinds } from './servers.js'

/** Every kind of fault that the common world knows. */
export const kinds: FaultKind[] = [
  ...failpointKinds,
  ...processKinds,
  ...networkKinds,
  ...serverKinds,
  ...connectionKinds,
  ...lockKinds,
  ...lostStateKinds,
  ...clockKinds,
]
