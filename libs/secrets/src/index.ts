export { readSecretsKeys, Secrets, WrongSecretsKey } from './secrets.js'
