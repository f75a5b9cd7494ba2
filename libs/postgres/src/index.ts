export { plainArray, textArray } from './array-literal.js'
export { toQueryConfig } from './query-on.js'
export { type Query, statement, type Statement } from './statement.js'
