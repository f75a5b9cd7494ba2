export { plainArray, textArray } from './array-literal.js'
export { type Query, type Statement, statementName, toQueryConfig } from './query.js'
