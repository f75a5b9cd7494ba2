export { configuration, nonEmptyConfigurations, type ConfigurationReply } from './configuration/configuration.js'
export { entryOf, existingKeys, revisionOf, type Configuration } from './configuration/configuration-state.js'
export { affectedConfigurations, configurationName } from './configuration/configuration-name.js'
export { deciders } from './deciders.js'
export { deployment, type Deployment } from './deployment/deployment.js'
export { alreadyRemoved, alreadyRolledBack } from './deployment/deployment-rejections.js'
export {
  attemptIndex,
  slotKeyPrefix,
  slotKeysOf,
  parseSlotKey,
  activeIndex,
  removedIndex,
  rolledBackIndex,
  successIndex,
} from './deployment/deployment-index.js'
export { nothingActive, type RemovalPlace, tooManyToExamine } from './deployment/removal.js'
export { readsOfCorrecting, readsOfRecording } from './deployment/rollback-of.js'
export { incident, type Incident, readsOfOpening } from './incident/incident.js'
export { pipeline, type PipelineSettings, pipelineIndex, pipelineStream } from './pipeline/pipeline.js'
export { valueCheck, withCutOff, withValueFindings } from './promotion/promotion-check.js'
export { contentOf, globSelection, type PromotionContext } from './promotion/promotion-content.js'
export { promotion, promotionStreams, scheduledIndex } from './promotion/promotion.js'
export { standingOf } from './promotion/promotion-approval.js'
export {
  absentPromotion,
  evolvePromotion,
  type ExistingPromotion,
  type Promotion,
} from './promotion/promotion-state.js'
export {
  chooseByTag,
  neverSucceeded,
  severalTagged,
  type TaggedSlot,
  type TagSelection,
  tooManySlots,
  tooManyToMark,
  unknownTag,
} from './deployment/rollback-by-tag.js'
