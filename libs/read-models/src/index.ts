export { type QueryResult, type JsonText, type Page } from './sql/query-result.js'
export { configurationDiff, diffStatement, type DiffRequest } from './configuration/diff.js'
export { configurationDrift, type ConfigurationDriftResponse, type DriftRequest } from './configuration/drift.js'
export {
  configurationsPage,
  exportKeys,
  findConfiguration,
  keyHistoryPage,
  type FoundKey,
  type KeysRequest,
  type KeysSelection,
} from './configuration/queries.js'
export { InvalidCursor } from './sql/cursor.js'
export { AmbiguousCommit } from './deployment/commit/resolve.js'
export { currentPage, type CurrentRequest } from './deployment/current/queries.js'
export { findDeploymentEvents } from './deployment/trail/queries.js'
export { historyPage, type HistoryFilters, type HistoryRequest } from './deployment/history/history-page.js'
export { findDeployment, tagExistence, type TaggedSelection } from './deployment/history/queries.js'
export { explainPage, type ExplainRequest } from './metrics/historical/explain.js'
export {
  buckets,
  type Bucket,
  type MetricValues,
  type MetricValuesRequest,
} from './metrics/definition/metric-values.js'
export { metricsResponse } from './metrics/definition/metrics.js'
export type { ChangesRequest } from './metrics/changes/periods.js'
export { changesPage } from './metrics/changes/queries.js'
export { rollupMetricValues } from './metrics/rollup/rollup.js'
export { metricValuesAsOf } from './metrics/historical/values-as-of.js'
export { deployments } from './catalog/catalog.js'
export { environmentDrift, type ApplicationDriftRequest, type DriftResponse } from './drift/queries.js'
export { environmentChanges, type EnvironmentChangesRequest } from './ahead/queries.js'
export { driftHistory, InvalidDays, type DriftHistoryRequest } from './drift/history.js'
export { driftMatrix, type DriftMatrixRequest } from './drift/matrix.js'
export {
  isEventError,
  READ_LIMIT_MS,
  ReadLimitExceeded,
  ReadModelsUnavailable,
  toReadError,
} from './sql/read-errors.js'
export { findIncident, findIncidentEvents, incidentsPage, type IncidentFilters } from './incident/queries.js'
export { isHistorical, type AsOf } from './sql/as-of.js'
export { parkedPartitions, parkEvent, unparkEvent, type ParkedEvent } from './log/parked-event.js'
export { PositionWatch, type PositionWatchOptions } from './database/position-watch.js'
export { preparePositions, readPositions, type ProjectedPosition } from './log/positions.js'
export { projectBatch, projectBatches } from './database/project-batch.js'
export { readRecord, type ProjectedEvent, type Projection } from './log/projected-event.js'
export { commitPath, tagPath } from './deployment/path/queries.js'
export { findPromotion, promotionsPage, type PromotionFilters, type PromotionsRequest } from './promotion/queries.js'
export { findPromotionEvents } from './promotion/trail.js'
export { knownEnvironments, type EnvironmentSource } from './pipeline/known-environments.js'
export { findKeySchemas, findPipelineSettings, type PresentedPipeline } from './pipeline/queries.js'
export {
  READ_SESSION,
  READER_ROLE,
  ReadModels,
  type ReadModelsLogger,
  type ReadModelsOptions,
} from './database/read-models.js'
export { type RowDifference, type TableComparison } from './rebuild/compare.js'
export { MODELS, modelTables, type Model } from './catalog/models.js'
export { VersionMismatch, Rebuild, type RebuildOptions } from './rebuild/rebuild.js'
export { dropVersion, RebuildInProgress } from './rebuild/session.js'
export { SwapRefused } from './rebuild/swap.js'
export {
  objectionTo,
  passedOver,
  recordChecks,
  type Objection,
  type PassedOver,
} from './deployment/rollback-target/checks.js'
export {
  findRollback,
  type PresentedRecord,
  type RollbackCandidates,
  type RollbackSearch,
} from './deployment/rollback-target/queries.js'
export { LIVE_SCHEMA, NEXT_SCHEMA, OLD_SCHEMA, searchPath, VERIFY_SCHEMA } from './sql/schema.js'
export { Statistics } from './catalog/statistics.js'
export { defaultFrom } from './sql/window.js'
