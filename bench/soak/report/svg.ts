import { linearAxis, logAxis, timeAxis, type Axis } from './axis.js'
import type { Point } from '../observe/series.js'

export interface Line {
  name: string
  points: Point[]
}

/** Lines over time with a common axis. */
export interface Panel {
  title: string
  unit: string
  /** Powers of ten, for values from milliseconds to seconds. */
  logarithmic?: boolean
  lines: Line[]
}

const WIDTH = 960
const LEFT = 64
const RIGHT = 16
const PANEL = 130
const HEAD = 28
const ABOVE = 44
const BELOW = 44
// Mid tones, readable on white and black, and distinguishable with red-green colour blindness.
const colours = ['#3b82c4', '#d98a1f', '#2a9d7f', '#b565c9', '#8a8f98']

/** Panels stacked over one time axis (from 0 to `seconds`, in minutes), as an SVG document without a background. */
export function drawPicture(title: string, panels: Panel[], seconds: number): string {
  const height = HEAD + panels.length * (ABOVE + PANEL) + BELOW
  const time = timeAxis(seconds / 60)
  const drawn = panels.map((panel, index) => drawPanel(panel, time, HEAD + index * (ABOVE + PANEL)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#808691}.title{font-weight:600}.grid{stroke:#808691;stroke-opacity:.25}' +
      '.line{fill:none;stroke-width:1.5;stroke-linejoin:round}</style>',
    text(LEFT, 20, title, 'class="title" font-size="14"'),
    ...drawn.flat(),
    text(LEFT + (WIDTH - LEFT - RIGHT) / 2, height - 8, 'minutes', 'text-anchor="middle"'),
    '</svg>',
    '',
  ].join('\n')
}

/** Escapes text for XML content and attributes. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
  return text.replaceAll(/[&<>"']/g, character => entities[character]!)
}

function drawPanel(panel: Panel, time: Axis, top: number): string[] {
  const axis = axisOf(panel)
  const bottom = top + ABOVE + PANEL
  const x = (minutes: number) => round(LEFT + time.place(minutes) * (WIDTH - LEFT - RIGHT))
  const y = (value: number) => round(bottom - axis.place(value) * PANEL)
  const across = axis.ticks.flatMap(tick => [
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>`,
    text(LEFT - 8, y(tick) + 4, tick.toLocaleString('en'), 'text-anchor="end"'),
  ])
  const down = time.ticks.flatMap(tick => [
    `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${bottom - PANEL}" y2="${bottom}"/>`,
    text(x(tick), bottom + 15, tick.toLocaleString('en', { maximumFractionDigits: 3 }), 'text-anchor="middle"'),
  ])
  const lines = panel.lines.map(({ points }, index) => {
    const path = shown(panel, points).map(({ at, value }) => `${x(at / 60)},${y(value)}`)
    return `<polyline class="line" stroke="${colours[index % colours.length]}" points="${path.join(' ')}"/>`
  })
  return [...across, ...down, ...lines, ...legend(panel, bottom - PANEL - 8)]
}

function axisOf({ lines, logarithmic }: Panel): Axis {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value))
  const highest = values.reduce((most, value) => Math.max(most, value), 0)
  if (!logarithmic) return linearAxis(highest)
  const lowest = values.reduce((least, value) => (value > 0 ? Math.min(least, value) : least), Infinity)
  return lowest === Infinity ? logAxis(1, 10) : logAxis(lowest, highest)
}

function shown({ logarithmic }: Panel, points: Point[]): Point[] {
  return logarithmic ? points.filter(({ value }) => value > 0) : points
}

function legend({ title, unit, lines }: Panel, y: number): string[] {
  let x = LEFT + 210
  const entries = lines.flatMap(({ name }, index) => {
    const drawn = [
      `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" stroke="${colours[index % colours.length]}" stroke-width="3"/>`,
      text(x + 24, y, name),
    ]
    x += 48 + name.length * 7
    return drawn
  })
  return [text(LEFT, y, `${title}, ${unit}`, 'class="title"'), ...entries]
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`
}

function round(figure: number): number {
  return Math.round(figure * 10) / 10
}
