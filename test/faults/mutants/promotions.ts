import type { Mutant } from './mutant.js'

/** Write sides whose promotions lack a protection. */
export const promotionMutants: Mutant[] = [
  {
    name: 'no-compare-and-set-of-keys',
    lacks: 'a promotion is executed though somebody changed its keys in the target since it was validated',
    changes: { 'no-compare-and-set-of-keys': 'const conflicts = conflictsOf([], target)' },
    kinds: ['kill-command', 'failpoint-schedule-due'],
  },
  {
    name: 'execution-without-its-change',
    lacks: 'of a joint decision the events of one stream alone are written',
    changes: {
      'execution-without-its-change': 'const parts = [{ streamId: target.streamId, events }] as StreamEvents[]',
    },
    kinds: ['kill-command'],
  },
]
