import { isWithin, parseDuration } from '../schema/duration.js'
import { resolveEnvironment } from './environment-name.js'
import type { Freeze, Pipeline } from './pipeline.js'
import { Recurrence } from './recurrence.js'

/** Checks the times of a freeze: a finding for a message, or `undefined`. */
export function freezeFinding({ from, to, cron, duration, timezone }: Freeze): string | undefined {
  if (cron === undefined) {
    if (duration !== undefined || timezone !== undefined)
      return '`duration` and `timezone` are only allowed with `cron`'
    if (from === undefined || to === undefined) return '`from` and `to`, or `cron` and `duration`, are required'
    return Date.parse(from) < Date.parse(to) ? undefined : '`from` must be before `to`'
  }
  if (from !== undefined || to !== undefined) return '`from` and `to` are not allowed together with `cron`'
  const milliseconds = duration === undefined ? undefined : parseDuration(duration)
  if (!milliseconds) return '`duration` must be an ISO 8601 duration, such as PT12H'
  if (timezone !== undefined && !isTimezone(timezone))
    return `\`timezone\` must be an IANA time zone, such as Europe/Vienna, not ${timezone}`
  try {
    return Recurrence.of(cron, timezone).beginsAgain() ? undefined : '`cron` never occurs'
  } catch (error) {
    return `\`cron\` is not a valid cron pattern: ${(error as Error).message}`
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

/** The freezes of a tenant, and the pipeline that resolves their environments. */
export interface FreezeSettings {
  freezes: readonly Freeze[]
  pipeline: Pipeline
}

/** The freezes that are active in an environment at an instant. @param environment its name or an alias */
export function activeFreezes({ freezes, pipeline }: FreezeSettings, environment: string, at: string): Freeze[] {
  const instant = Date.parse(at)
  const name = resolveEnvironment(pipeline, environment)
  return freezes.filter(
    freeze =>
      (freeze.environments?.some(one => resolveEnvironment(pipeline, one) === name) ?? true) &&
      (lasts(freeze, instant) ?? recurs(freeze, instant)),
  )
}

/** The first freeze that is active in an environment at an instant. */
export function activeFreeze(settings: FreezeSettings, environment: string, at: string): Freeze | undefined {
  return activeFreezes(settings, environment, at)[0]
}

function lasts({ from, to, cron }: Freeze, instant: number): boolean | undefined {
  if (cron !== undefined) return undefined
  return Date.parse(from!) <= instant && instant < Date.parse(to!)
}

function recurs({ cron, duration, timezone = 'UTC' }: Freeze, instant: number): boolean {
  const began = Recurrence.of(cron!, timezone).lastRun(instant)
  return began !== undefined && isWithin(instant, began, duration!, timezone)
}
