export { failpoint, isArmed } from './failpoint.js'
export { failpoints, type Failpoint } from './failpoints.js'
