export * from './command.js'
export * from './configuration/configuration-change.js'
export * from './configuration/configuration-comparison.js'
export * from './deployment.js'
export * from './event.js'
export * from './log.js'
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
