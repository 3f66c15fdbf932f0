// Amounts over time as lines, told apart by dashes, point shapes and their names at the end, never by colour alone.
import type { MicroUsd } from '../../core/money.ts'
import { extentOf, shortAmount } from './amount.ts'
import { drawableNames } from './drawable.ts'
import { ticksOf, timeTicksOf } from './scale.ts'
import { HEIGHT, RULE, round, SOFT_INK, svgOf, TYPE, textLine, WIDTH } from './svg.ts'

export interface Line {
  readonly label: string
  /** In the order of time; at least one. */
  readonly points: readonly { readonly atMs: number; readonly amount: MicroUsd }[]
}

/** More lines than this are not told apart; the caller says in words what is left out. */
export const MOST_LINES = 6

// Okabe and Ito's palette where it stands out from white by 3:1, and two more.
const LOOKS = [
  { colour: '#0072b2', dash: '', point: 'circle' },
  { colour: '#b34e00', dash: '14 6', point: 'square' },
  { colour: '#00795a', dash: '3 6', point: 'up' },
  { colour: '#1a1a1a', dash: '18 6 3 6', point: 'diamond' },
  { colour: '#8a4fa3', dash: '8 5', point: 'down' },
  { colour: '#7a5c00', dash: '22 8', point: 'cross' },
] as const
type Look = (typeof LOOKS)[number]

const LEFT = 130
const RIGHT = 600
const TOP = 120
const BOTTOM = 430
const NAME_ROW = 32

/** `none` stands there when there is no line at all. */
export function lineChart(options: { title: string; subtitle: string; lines: readonly Line[]; none: string }): string {
  const { title, subtitle, none } = options
  const lines = options.lines.slice(0, MOST_LINES)
  const head = [
    textLine(title, { x: 24, y: 50, maxWidth: WIDTH - 48, size: 34, isBold: true }),
    textLine(subtitle, { x: 24, y: 86, maxWidth: WIDTH - 48, fill: SOFT_INK }),
  ]
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0) {
    return svgOf([...head, textLine(none, { x: 24, y: HEIGHT / 2, maxWidth: WIDTH - 48, fill: SOFT_INK })])
  }
  const times = points.map(({ atMs }) => atMs)
  const fromMs = times.reduce((a, b) => Math.min(a, b))
  const toMs = times.reduce((a, b) => Math.max(a, b))
  const ticks = ticksOf({ ...rangeOf(points.map(({ amount }) => amount)), count: 4 })
  const low = ticks[0] ?? 0n
  const high = ticks.at(-1) ?? low + 1n
  const plot: Plot = {
    // A single instant stands in the middle.
    x: (atMs) => (toMs === fromMs ? (LEFT + RIGHT) / 2 : LEFT + ((atMs - fromMs) / (toMs - fromMs)) * (RIGHT - LEFT)),
    y: (amount) => BOTTOM - (Number(((amount - low) * 10_000n) / (high - low)) / 10_000) * (BOTTOM - TOP),
  }
  return svgOf([...head, ...amountAxis(ticks, plot), ...timeAxis({ fromMs, toMs }, plot), ...drawn(lines, plot)])
}

/** From the lowest to the highest; wide enough for a price that hardly moved to look like one. */
function rangeOf(amounts: readonly MicroUsd[]) {
  const { low, high } = extentOf(amounts)
  const least = high / 10n
  return high - low >= least ? { low, high } : { low: low - least / 2n, high: high + least / 2n }
}

interface Plot {
  x(atMs: number): number
  y(amount: MicroUsd): number
}

function amountAxis(ticks: readonly bigint[], plot: Plot): string[] {
  return ticks.flatMap((tick) => {
    const y = round(plot.y(tick))
    return [
      `<line x1="${LEFT}" y1="${y}" x2="${RIGHT}" y2="${y}" stroke="${RULE}" stroke-width="1.5"/>`,
      textLine(shortAmount(tick), { x: LEFT - 12, y: y + 9, maxWidth: LEFT - 16, anchor: 'end', fill: SOFT_INK }),
    ]
  })
}

function timeAxis({ fromMs, toMs }: { fromMs: number; toMs: number }, plot: Plot): string[] {
  return timeTicksOf({ fromMs, toMs, count: 4 }).flatMap(({ atMs, text }) => {
    const x = round(plot.x(atMs))
    return [
      `<line x1="${x}" y1="${BOTTOM}" x2="${x}" y2="${BOTTOM + 8}" stroke="${SOFT_INK}" stroke-width="2"/>`,
      textLine(text, { x, y: BOTTOM + TYPE + 14, maxWidth: 120, anchor: 'middle', fill: SOFT_INK }),
    ]
  })
}

function drawn(lines: readonly Line[], plot: Plot): string[] {
  const ends = lines.map(({ points }) => plot.y(points.at(-1)?.amount ?? 0n))
  const names = spread(ends)
  const labels = drawableNames(lines.map(({ label }) => label))
  return lines.flatMap((line, i) => {
    const look = LOOKS[i % LOOKS.length] ?? LOOKS[0]
    const last = line.points.at(-1)
    const at = last ? { x: plot.x(last.atMs), y: plot.y(last.amount) } : { x: RIGHT, y: BOTTOM }
    const nameY = names[i] ?? at.y
    const path = line.points.map(({ atMs, amount }) => `${round(plot.x(atMs))},${round(plot.y(amount))}`).join(' ')
    return [
      `<polyline points="${path}" fill="none" stroke="${look.colour}" stroke-width="4" stroke-linejoin="round"${look.dash ? ` stroke-dasharray="${look.dash}"` : ''}/>`,
      marker(look, at.x, at.y),
      // From the line's end to its name, which may have had to make room.
      `<line x1="${round(at.x + 10)}" y1="${round(at.y)}" x2="${RIGHT + 22}" y2="${round(nameY)}" stroke="${look.colour}" stroke-width="1.5"/>`,
      marker(look, RIGHT + 32, nameY),
      textLine(`${shortAmount(last?.amount ?? 0n)} ${labels[i]}`, {
        x: RIGHT + 48,
        y: nameY + 9,
        maxWidth: WIDTH - RIGHT - 56,
      }),
    ]
  })
}

/** Places for the names near their lines' ends, none over another, all within the plot. */
function spread(ends: readonly number[]): number[] {
  const order = ends.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y)
  const places = new Array<number>(ends.length).fill(0)
  let free = TOP
  for (const [rank, { y, i }] of order.entries()) {
    // Those that come after need their rows too.
    const lowest = BOTTOM - (order.length - 1 - rank) * NAME_ROW
    const place = Math.min(Math.max(y, free), lowest)
    places[i] = place
    free = place + NAME_ROW
  }
  return places
}

function marker({ colour, point }: Look, x: number, y: number): string {
  const at = (dx: number, dy: number) => `${round(x + dx)},${round(y + dy)}`
  const shapes = {
    circle: `M${at(-8, 0)} a8,8 0 1,0 16,0 a8,8 0 1,0 -16,0 Z`,
    square: `M${at(-7, -7)} h14 v14 h-14 Z`,
    up: `M${at(0, -9)} L${at(9, 7)} L${at(-9, 7)} Z`,
    down: `M${at(0, 9)} L${at(9, -7)} L${at(-9, -7)} Z`,
    diamond: `M${at(0, -10)} L${at(10, 0)} L${at(0, 10)} L${at(-10, 0)} Z`,
    cross: `M${at(-8, -3)} h5 v-5 h6 v5 h5 v6 h-5 v5 h-6 v-5 h-5 Z`,
  }
  return `<path d="${shapes[point]}" fill="${colour}"/>`
}
