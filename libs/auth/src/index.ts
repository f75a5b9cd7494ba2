export * from './authenticator.js'
export * from './permission.js'
export * from './principal.js'
