export {
  configuration,
  type Configuration,
  configurationsHeld,
  type ConfigurationReply,
  entryOf,
  presentKeys,
  revisionOf,
} from './configuration.js'
export { affectedConfigurations, configurationName } from './configuration-name.js'
export { deciders } from './deciders.js'
export { alreadyRolledBack, deployment, type Deployment, readsOfRecording } from './deployment.js'
export {
  attemptIndex,
  beginningOfPlaces,
  namesOfPlace,
  readPlace,
  runningIndex,
  successIndex,
} from './deployment-index.js'
export { pipeline, type PromotionRules, rulesIndex, rulesStream } from './pipeline.js'
export { valueCheck, withCutOff, withValueFindings } from './promotion-check.js'
export { contentOf, globSelection, type PromotionGround } from './promotion-content.js'
export { promotion, promotionStreams, scheduledIndex } from './promotion.js'
export { standingOf } from './promotion-approval.js'
export { absentPromotion, evolvePromotion, type KnownPromotion, type Promotion } from './promotion-state.js'
export {
  chooseByTag,
  neverSucceeded,
  severalTagged,
  type TaggedSlot,
  type TagSelection,
  tooManySlots,
  tooManyToMark,
  unknownTag,
} from './rollback-by-tag.js'
