import { isWithin, parseDuration } from './duration.js'
import { resolveEnvironment } from './environment-name.js'
import type { Freeze, Pipeline } from './pipeline.js'
import { Recurrence } from './recurrence.js'

/** What is wrong with the time of a freeze, in a few words; `undefined`: nothing. */
export function freezeFinding({ from, to, cron, duration, timezone }: Freeze): string | undefined {
  if (cron === undefined) {
    if (duration !== undefined || timezone !== undefined) return 'duration and timezone belong to cron'
    if (from === undefined || to === undefined) return 'needs from and to, or cron and duration'
    return Date.parse(from) < Date.parse(to) ? undefined : 'from must be before to'
  }
  if (from !== undefined || to !== undefined) return 'takes from and to, or cron and duration, not both'
  const milliseconds = duration === undefined ? undefined : parseDuration(duration)
  if (!milliseconds) return 'duration must be an ISO 8601 duration, such as PT12H'
  if (timezone !== undefined && !isTimezone(timezone)) return `timezone must be an IANA name, and ${timezone} is none`
  try {
    return Recurrence.of(cron, timezone).beginsAgain() ? undefined : 'cron names no moment'
  } catch (error) {
    return `cron cannot be read: ${(error as Error).message}`
  }
}

function isTimezone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return isWithin(0, 0, 'P1D', name)
  } catch {
    return false
  }
}

/** The freezes of a tenant, and the pipeline that says which environments they are for. */
export interface FreezeRules {
  freezes: readonly Freeze[]
  pipeline: Pipeline
}

/** The freezes of an environment, by any of its names, that an instant lies in. */
export function activeFreezes({ freezes, pipeline }: FreezeRules, environment: string, at: string): Freeze[] {
  const instant = Date.parse(at)
  const name = resolveEnvironment(pipeline, environment)
  return freezes.filter(
    freeze =>
      (freeze.environments?.some(one => resolveEnvironment(pipeline, one) === name) ?? true) &&
      (lasts(freeze, instant) ?? recurs(freeze, instant)),
  )
}

/** The first of them. */
export function activeFreeze(rules: FreezeRules, environment: string, at: string): Freeze | undefined {
  return activeFreezes(rules, environment, at)[0]
}

function lasts({ from, to, cron }: Freeze, instant: number): boolean | undefined {
  if (cron !== undefined) return undefined
  return Date.parse(from!) <= instant && instant < Date.parse(to!)
}

function recurs({ cron, duration, timezone = 'UTC' }: Freeze, instant: number): boolean {
  const began = Recurrence.of(cron!, timezone).lastRun(instant)
  return began !== undefined && isWithin(instant, began, duration!, timezone)
}
