// A chart of bars in one or two groups, under a headline.
import { type Bar, bars, roomFor } from './bars.ts'
import { HEIGHT, SOFT_INK, svgOf, TYPE, textLine, WIDTH } from './svg.ts'

export interface BarGroup {
  readonly title?: string
  /** Largest or cheapest first: what there is no room for is left out from the end. */
  readonly rows: readonly Bar[]
  /** The line under bars that are not all of them, such as "and 3 more: 1.20". */
  rest?(left: readonly Bar[]): string
  /** What stands there instead of bars when there are none. */
  readonly none: string
}

const MARGIN = 24
const HEADLINE = 34
const GUTTER = 40
const TOP = 104

/** `title` is the headline figure; `subtitle` says what and when. */
export function barChart(options: { title: string; subtitle: string; groups: readonly BarGroup[] }): string {
  const { title, subtitle, groups } = options
  const inner = WIDTH - 2 * MARGIN
  const width = (inner - GUTTER * (groups.length - 1)) / Math.max(1, groups.length)
  return svgOf([
    textLine(title, { x: MARGIN, y: 50, maxWidth: inner, size: HEADLINE, isBold: true }),
    textLine(subtitle, { x: MARGIN, y: 86, maxWidth: inner, fill: SOFT_INK }),
    ...groups.map((group, i) => panel(group, MARGIN + i * (width + GUTTER), width)),
  ])
}

function panel(group: BarGroup, x: number, width: number): string {
  const head = group.title === undefined ? 12 : TYPE + 14
  const y = TOP + head
  const heading =
    group.title === undefined ? '' : textLine(group.title, { x, y: TOP + TYPE, maxWidth: width, isBold: true })
  if (group.rows.length === 0) {
    return heading + textLine(group.none, { x, y: y + TYPE + 10, maxWidth: width, fill: SOFT_INK })
  }
  const tall = HEIGHT - MARGIN - y
  const fits = roomFor({ width, height: tall })
  if (group.rows.length <= fits) return heading + bars({ x, y, width, height: tall }, group.rows)
  // The line that says what is left out needs room as well.
  const shown = group.rows.slice(0, roomFor({ width, height: tall - TYPE - 8 }))
  const left = group.rows.slice(shown.length)
  return [
    heading,
    bars({ x, y, width, height: tall }, shown),
    textLine(group.rest?.(left) ?? `and ${left.length} more`, {
      x,
      y: HEIGHT - MARGIN,
      maxWidth: width,
      fill: SOFT_INK,
    }),
  ].join('')
}
