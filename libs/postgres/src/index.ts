export { plainArray, textArray } from './array-literal.js'
export { queryOn, toQueryConfig } from './query-on.js'
export { type Query, statement, type Statement } from './statement.js'
