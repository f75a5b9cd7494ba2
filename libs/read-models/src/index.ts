export { type Answer, type JsonText, type Page } from './answer.js'
export { configurationDiff, diffStatement, type DiffRequest } from './configuration/diff.js'
export { configurationDrift, type DriftAnswer, type DriftRequest } from './configuration/drift.js'
export {
  configurationsPage,
  exportKeys,
  findConfiguration,
  keyHistoryPage,
  type FoundKey,
  type KeysRequest,
  type KeysSelection,
} from './configuration/queries.js'
export { endOf, readChunk, seqOf, type Chunk, type Obstacle } from './chunk.js'
export { InvalidCursor } from './cursor.js'
export { currentPage, type CurrentRequest } from './deployment-current/queries.js'
export { findDeploymentEvents } from './deployment-events/queries.js'
export { historyPage, type HistoryFilters, type HistoryRequest } from './deployment-history/history-page.js'
export { findDeployment, tagExistence, type TagExistence, type TaggedSelection } from './deployment-history/queries.js'
export { changesPage } from './deployment-metrics/changes.js'
export { explainPage, type ExplainRequest } from './deployment-metrics/explain.js'
export { buckets, type Bucket, type Figures, type FiguresRequest } from './deployment-metrics/figures.js'
export { metrics, metricsAnswer, type Metric, type MetricsAnswer } from './deployment-metrics/metrics.js'
export { parts } from './deployment-metrics/parts.js'
export type { ChangesRequest } from './deployment-metrics/period-parts.js'
export { rollupFigures } from './deployment-metrics/rollup.js'
export { seenFigures } from './deployment-metrics/seen-figures.js'
export { deployments } from './deployments.js'
export {
  environmentDrift,
  type ApplicationDrift,
  type ApplicationDriftRequest,
  type DriftAnswered,
  type DriftRow,
} from './environment-drift/queries.js'
export { driftHistory, InvalidDays, type DriftHistory, type DriftHistoryRequest } from './environment-drift/history.js'
export { directions, driftStates } from './environment-drift/judge.js'
export { driftMatrix, type DriftMatrix, type DriftMatrixRequest } from './environment-drift/matrix.js'
export type { Running } from './environment-drift/shown.js'
export { isFaultOfEvent, isFaultOfServer, ReadModelsUnavailable } from './faults.js'
export { looksBack, type Moment } from './moment.js'
export { parkedPartitions, parkEvent, unparkEvent, type ParkedEvent } from './parked-event.js'
export { pauseFor } from './pause.js'
export { PositionWatch, type PositionWatchOptions } from './position-watch.js'
export { preparePositions, readPositions, type ProjectedPosition } from './positions.js'
export { projectBatch, projectBatches } from './project-batch.js'
export { readRecord, type ProjectedEvent, type Projection } from './projection.js'
export { commitPath, tagPath } from './promotion-path/queries.js'
export { findPromotion, promotionsPage, type PromotionFilters, type PromotionsRequest } from './promotion/queries.js'
export { findPromotionEvents } from './promotion/trail.js'
export { knownEnvironments, type EnvironmentSource } from './promotion-rules/known-environments.js'
export { findKeySchemas, findRules, type ShownRules } from './promotion-rules/queries.js'
export type { Query } from './query.js'
export { READER_ROLE, ReadModels, type ReadModelsLogger, type ReadModelsOptions } from './read-models.js'
export { type RowDifference, type TableComparison } from './rebuild/compare.js'
export { MODELS, modelTables, type Model } from './rebuild/models.js'
export { NotOfThisVersion, Rebuild, type RebuildOptions } from './rebuild/rebuild.js'
export { dropVersion, RebuildUnderWay } from './rebuild/session.js'
export { SwapRefused } from './rebuild/swap.js'
export {
  objectionTo,
  passedOver,
  recordChecks,
  type Objection,
  type PassedOver,
  type SafetyCheck,
} from './rollback-target/checks.js'
export {
  findRollback,
  type AnsweredRecord,
  type RollbackCandidates,
  type RollbackSearch,
} from './rollback-target/queries.js'
export { LIVE_SCHEMA, NEXT_SCHEMA, OLD_SCHEMA, searchPath, VERIFY_SCHEMA } from './schema.js'
export { Statistics } from './statistics.js'
export { defaultFrom } from './window.js'
