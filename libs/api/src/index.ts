export * from './deployment.js'
export * from './promotion.js'
