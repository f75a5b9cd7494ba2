export { plainArray } from './array-literal.js'
export { queryOn, toQueryConfig } from './query-on.js'
export { type Column, rowSet, type RowSet } from './row-set.js'
export { type Query, statement, type Statement } from './statement.js'
