import type { Mutant } from './mutant.js'
import { projectorMutants } from './projector.js'
import { promotionMutants } from './promotions.js'
import { ledgerMutants } from './ledger.js'

/** Every protection that the proof takes away, one at a time. */
export const mutants: Mutant[] = [...projectorMutants, ...ledgerMutants, ...promotionMutants]
