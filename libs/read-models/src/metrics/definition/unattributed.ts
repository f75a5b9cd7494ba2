import { incidentsAsOf } from '../../incident/as-of.js'
import { timesOf } from '../../sql/as-of.js'
import type { AsOf } from '../../sql/as-of.js'
import { labelsOf } from '../../deployment/label/labels.js'
import { isApplicationSql } from '../../sql/filter.js'
import { isRequestedSql, type MetricScope } from './scope.js'

/** SQL: the number of visible incidents that started in a window, from `$from` on and before `$to`, and belong to no deployment, and so have no label. */
export function unattributedSql(request: Omit<MetricScope, 'tenant'> & AsOf): string {
  if (labelsOf(request.label) !== undefined) return '0'
  const moment = timesOf(request)
  const stored = moment.knownAt === undefined && moment.asOf === undefined ? ['i.deployment_id IS NULL'] : []
  const conditions = [
    'i.tenant = $tenant',
    isRequestedSql('i.environment_name', request),
    ...(request.application === undefined ? [] : [isApplicationSql('i.application', request.application)!]),
    'i.started_at >= $from::timestamptz',
    'i.started_at < $to::timestamptz',
    ...stored,
  ]
  // Of an incident without an environment of its own this is that of its deployment, which must be visible.
  return `(
        SELECT count(*) FROM ${incidentsAsOf(moment, conditions)} i WHERE i.deployment_id IS NULL AND i.environment_name IS NOT NULL)`
}
