// A table as monospace lines, for a phone above all: columns when they fit in the width, else one small block per row.
import { clampText, cleanText } from './safeText.ts'
import { widthOf } from './textWidth.ts'
import type { Block } from './view.ts'

type Table = Extract<Block, { kind: 'table' }>

// What a phone in portrait shows of monospace text without wrapping, by the narrower clients.
const MAX_COLUMNS = 38
const MAX_ROWS = 25
const NARROWEST = 6
const GAP = '  '

/** The lines of a table, for a phone unless more columns are given; more rows than a message should carry end in "and N more". */
export function tableLines(table: Table, maxColumns = MAX_COLUMNS): string {
  const rows = table.rows.slice(0, MAX_ROWS).map((row) => table.columns.map((_, i) => oneLine(row[i] ?? '')))
  const titles = table.columns.map((column) => oneLine(column.title))
  const widths = fitWidths(table, [titles, ...rows], maxColumns)
  const lines = widths
    ? [titles, ...rows].map((row) =>
        row
          .map((cell, i) => pad(table, cell, i, widths[i] ?? 0))
          .join(GAP)
          .trimEnd(),
      )
    : rows.map((row) => stacked(titles, row))
  const left = table.rows.length - rows.length
  if (left > 0) lines.push(`… and ${left} more`)
  return lines.join('\n')
}

/** Widths that fit, shrinking text columns only: half a number is a wrong number. undefined: they cannot fit. */
function fitWidths(table: Table, rows: readonly (readonly string[])[], maxColumns: number): number[] | undefined {
  const widths = table.columns.map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))))
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1))
  while (total() > maxColumns) {
    const widest = widths
      .map((width, i) => ({ width, i }))
      .filter(({ width, i }) => table.columns[i]?.align === 'left' && width > NARROWEST)
      .sort((a, b) => b.width - a.width)[0]
    if (!widest) return undefined
    widths[widest.i] = Math.max(NARROWEST, widest.width - 1)
  }
  return widths
}

function pad(table: Table, cell: string, column: number, width: number): string {
  const fitted = shorten(cell, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(fitted)))
  return table.columns[column]?.align === 'right' ? space + fitted : fitted + space
}

function shorten(cell: string, width: number): string {
  let fitted = cell
  while (widthOf(fitted) > width) fitted = clampText(fitted, fitted.length - 1)
  return fitted
}

/** The first cell as a heading, the others below it with their titles. */
function stacked(titles: readonly string[], row: readonly string[]): string {
  return row.map((cell, i) => (i === 0 ? cell : `  ${titles[i]}: ${cell}`)).join('\n')
}

const oneLine = (text: string) => clampText(cleanText(text).replace(/\s+/gu, ' ').trim(), 120)
