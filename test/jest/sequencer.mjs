import { statSync } from 'node:fs'
import Sequencer from '@jest/test-sequencer'

/**
 * Files that take longest: one of them at the end would keep the other workers waiting. The first ones start no process, since
 * the static checks keep the processors busy meanwhile.
 */
const SLOWEST = [
  'libs/read-models/src/catalog/linear-cost.int-spec.ts',
  'libs/read-models/src/catalog/read-cost.int-spec.ts',
  'libs/read-models/src/catalog/any-order.int-spec.ts',
  'libs/read-models/src/deployment/interval/intervals.int-spec.ts',
  'test/api/imported/rebuild.e2e-spec.ts',
  'test/api/any-history/any-order.e2e-spec.ts',
  'test/api/imported/import.e2e-spec.ts',
  'test/hostile/schemas.e2e-spec.ts',
  'libs/event-log/src/read/stopped-reader.int-spec.ts',
  'apps/command/src/import/import-deployments.spec.ts',
  'dev/src/kafka/embedded-kafka.int-spec.ts',
  'test/api/any-history/any-moment.e2e-spec.ts',
  'test/api/any-history/any-history.e2e-spec.ts',
  'apps/projector/src/following.int-spec.ts',
  'libs/log-consumer/src/log-consumer.int-spec.ts',
  'libs/read-models/src/metrics/changes/any-changes.int-spec.ts',
  'apps/projector/src/halting.int-spec.ts',
  'dev/src/stack/stack.int-spec.ts',
  'apps/command/src/promotion/scheduler.int-spec.ts',
  'test/hostile/requests.e2e-spec.ts',
  'test/faults/mutants/mutants.spec.ts',
]

/** The order in which Jest runs test files: the slowest first, then by size. It needs no times of an earlier run. */
export default class SlowestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = SLOWEST.findIndex(file => path.endsWith(`/${file}`))
      return found < 0 ? SLOWEST.length : found
    }
    const size = new Map(tests.map(test => [test, statSync(test.path).size]))
    return tests.toSorted((a, b) => rank(a) - rank(b) || size.get(b) - size.get(a))
  }
}
