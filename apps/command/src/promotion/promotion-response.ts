import { presentPromotion } from '#libs/api'
import { formatPositions, type PromotionFacts } from '#libs/contracts'
import type { Promotion } from '#libs/domain'
import { entityTag, type WriteRequest } from '#libs/http'
import type { CommandResult } from '#libs/ledger'
import { commandResponse } from '../commands/command-response.js'

export const promotionsPath = '/api/v1/config/promotions'

/** Sends the response of a command on a promotion; 201 and its URL if the command created it. */
export function promotionResponse(
  write: WriteRequest,
  outcome: CommandResult<Promotion>,
  { creates = false } = {},
): object | undefined {
  // The decider answers with PromotionFacts in place of its state.
  return commandResponse(write, outcome as CommandResult<unknown> as CommandResult<PromotionFacts>, {
    subject: ({ state }) => ({ promotionId: state.id }),
    present: ({ state, recordedAt, streamVersion: version }, positions, first) => {
      write.reply.code(creates && first ? 201 : 200).header('ETag', entityTag(write.principal.tenant, version))
      if (creates) write.reply.header('Location', `${promotionsPath}/${state.id}`)
      return presentPromotion(state, { recordedAt, position: formatPositions(positions), version })
    },
  })
}
