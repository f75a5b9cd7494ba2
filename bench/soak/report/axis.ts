/** An axis: `place` maps a value to 0 (bottom or left) to 1, `ticks` are round values. */
export interface Axis {
  place(value: number): number
  ticks: number[]
}

/** From 0 to at least the highest value, in about this number of steps of 1, 2 or 5 times a power of ten. */
export function linearAxis(highest: number, steps = 4): Axis {
  const step = roundStep((highest > 0 ? highest : 1) / steps)
  const end = Math.max(1, Math.ceil(highest / step)) * step
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step)
  return { place: value => value / end, ticks }
}

/** From a power of ten below the lowest value to one above the highest; values must be above 0. */
export function logAxis(lowest: number, highest: number): Axis {
  const from = Math.floor(Math.log10(lowest))
  const to = Math.max(from + 1, Math.ceil(Math.log10(highest)))
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index))
  return { place: value => (Math.log10(value) - from) / (to - from), ticks }
}

/** The same from 0 to exactly `end`, for time. */
export function timeAxis(end: number, steps = 10): Axis {
  const step = roundStep(end / steps)
  const ticks = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step)
  return { place: value => value / end, ticks }
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = [1, 2, 5, 10].find(factor => factor * power >= step * (1 - 1e-9))!
  return factor * power
}
