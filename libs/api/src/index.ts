export * from './command.js'
export * from './configuration/configuration-change.js'
export * from './configuration/configuration-comparison.js'
export * from './deployment/deployment.js'
export * from './deployment/path.js'
export * from './deployment/rollback-target.js'
export * from './drift/drift.js'
export * from './drift/drift-examples.js'
export * from './drift/environment-changes.js'
export * from './event.js'
export * from './import.js'
export * from './incident.js'
export * from './log.js'
export * from './metrics/contribution.js'
export * from './metrics/metric-change.js'
export * from './metrics/metrics.js'
export * from './pipeline.js'
export * from './promotion.js'
export {
  configurationExamples,
  type ConfigurationResponse,
  configurationSchema,
  disclosureWarnings,
  type FlagResponse,
  flagSchema,
  presentConfiguration,
  presentedChange,
} from './configuration/configuration.js'
