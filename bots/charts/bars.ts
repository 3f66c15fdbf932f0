// Horizontal bars: every one with its name and its figure in words, so that length and colour only repeat them.
import type { MicroUsd } from '../../core/money.ts'
import { extentOf } from './amount.ts'
import { drawableNames } from './drawable.ts'
import { INK, RULE, round, SOFT_INK, TYPE, textLine, widthOf } from './svg.ts'

export interface Bar {
  readonly label: string
  readonly amount: MicroUsd
  /** The amount as it is written at the bar. */
  readonly text: string
  /** 'marked': the one that was chosen. 'hollow': a price that nobody can take. The label says so too. */
  readonly look?: 'plain' | 'marked' | 'hollow'
}

/** Where a group of bars stands, in pixels. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const BLUE = '#0072b2'
const ORANGE = '#b34e00'
// Narrower than this, names stand above their bars.
const WIDE = 600
const GAP = 16
const LABEL_SHARE = 0.4
const ABOVE = { row: 60, bar: 15 }
const BESIDE = { row: 46, bar: 28 }

/** How many bars an area has room for. */
export const roomFor = ({ width, height }: Pick<Area, 'width' | 'height'>): number =>
  Math.max(1, Math.floor(height / (width >= WIDE ? BESIDE.row : ABOVE.row)))

/** The bars of one area, on one scale from zero. The caller gives no more than `roomFor` says. */
export function bars(area: Area, rows: readonly Bar[]): string {
  const most = extentOf(rows.map(({ amount }) => amount)).high
  const lay = area.width >= WIDE ? beside : above
  const figures = Math.max(0, ...rows.map(({ text }) => widthOf(text, { size: TYPE }))) + 4
  const names = drawableNames(rows.map(({ label }) => label))
  return rows.map((row, i) => lay({ area, row: { ...row, label: names[i] ?? '' }, i, most, figures })).join('')
}

interface Place {
  readonly area: Area
  readonly row: Bar
  readonly i: number
  readonly most: bigint
  /** The width that the widest figure takes. */
  readonly figures: number
}

function above({ area, row, i, most, figures }: Place): string {
  const y = area.y + i * ABOVE.row
  const width = Math.min(figures, area.width / 2)
  return [
    textLine(row.label, { x: area.x, y: y + TYPE, maxWidth: area.width - width - GAP }),
    textLine(row.text, { x: area.x + area.width, y: y + TYPE, maxWidth: width, anchor: 'end' }),
    shape(row, { x: area.x, y: y + TYPE + 9, width: lengthOf(row, most, area.width), height: ABOVE.bar }),
  ].join('')
}

function beside({ area, row, i, most, figures }: Place): string {
  const y = area.y + i * BESIDE.row
  const label = area.width * LABEL_SHARE
  const x = area.x + label + GAP
  const room = area.x + area.width - x
  const width = Math.min(figures, room / 2)
  const length = lengthOf(row, most, room - width - GAP)
  const baseline = y + BESIDE.bar - 5
  return [
    textLine(row.label, { x: area.x, y: baseline, maxWidth: label }),
    shape(row, { x, y, width: length, height: BESIDE.bar }),
    textLine(row.text, { x: x + length + GAP / 2, y: baseline, maxWidth: width }),
  ].join('')
}

/** In proportion, but something is never nothing. */
function lengthOf({ amount }: Bar, most: bigint, room: number): number {
  if (amount === 0n || most === 0n) return 0
  return Math.max(3, (Number((amount * 10_000n) / most) / 10_000) * room)
}

function shape({ look = 'plain' }: Bar, { x, y, width, height }: Area): string {
  const hollow = `fill="none" stroke="${SOFT_INK}" stroke-width="2" stroke-dasharray="6 4"`
  const paint = { plain: `fill="${BLUE}"`, marked: `fill="${ORANGE}" stroke="${INK}" stroke-width="3"`, hollow }[look]
  const base = `<line x1="${round(x)}" y1="${round(y - 3)}" x2="${round(x)}" y2="${round(y + height + 3)}" stroke="${RULE}" stroke-width="2"/>`
  return `${base}<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}" ${paint}/>`
}
