import type { FaultKind } from '../fault-kind.js'
import { failpointKinds } from './failpoints.js'
import { processKinds } from './processes.js'

/** Every kind of fault that the common world knows. */
export const kinds: FaultKind[] = [...failpointKinds, ...processKinds]
