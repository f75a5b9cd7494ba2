// Descriptions of the operations.

export const explainText =
  'Covers the deployments that finished in [`from`, `to`), by `completedAt`, or by `deployedAt` if it is missing. Times are in seconds. Rates, ' +
  'medians and percentiles without data are `null`. An unknown environment or application has zeros. Without `asOf` and `knownAt` the ' +
  'response comes from precomputed counters; with them it is computed on demand.\n\n' +
  'Deployments of several environments and applications count together. A commit or tag that reaches several of the environments arrives once, ' +
  'with the earliest success; a deployment recovers, and is rolled back, in its own environment. Labels select the deployments that count.\n\n' +
  '`explain` names a metric. The response is then a paged list of the deployments (for `leadTimeForChange`: commits) that contribute to it. ' +
  '`part` is what an entry contributes. Entries that make up the metric (`failed`, `open`, `unplanned`, ...) come first, those that are only ' +
  '`counted` last; each group newest first. `because` lists the events behind the entry: those of the deployment, then those of the ' +
  'deployments that rolled it back, recovered from it or first brought its tag. `GET .../deployments/{id}/events` returns their data.'

export const changesText =
  'Lists the past periods in which a metric differs from its value as known at `since` (or at the end of the period, if that is later), earliest ' +
  'first. `from` and `to` are the old and the current value, in the form of the metrics response without buckets; for `deployments` a number. ' +
  '`events` are the events recorded since then that changed the value, in the order of their recording, each with the value before and after it. ' +
  'Events that did not change the value are omitted, as are those of applications whose contribution to the period is unchanged. A page has at ' +
  'most `limit` events and may end within a period, with which the next page then begins; it may also be shorter or empty: only the header ' +
  '`Link` tells whether another page follows. The values are recomputed on demand with the current pipeline; more than 200,000 versions of ' +
  'deployments in one environment and application are refused with 503. An unknown environment or application has an empty list.'
