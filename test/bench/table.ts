// The figures as a table for a terminal.
import type { Row } from './bench.ts'

const HEAD = ['median', 'p90', 'p99', 'cpu', 'runs', 'ratio', 'aim']
const FIRST_TEXT_COLUMN = 1 + HEAD.indexOf('ratio')

/** One line per row, columns aligned: words to the left, figures to the right. */
export function printTable(title: string, rows: readonly Row[]): string {
  const lines = [[title, ...HEAD], ...rows.map(cells)]
  const widths = [title, ...HEAD].map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const align = (cell: string, column: number) => {
    const width = widths[column] ?? 0
    return column === 0 || column >= FIRST_TEXT_COLUMN ? cell.padEnd(width) : cell.padStart(width)
  }
  return lines.map((line) => line.map(align).join('  ').trimEnd()).join('\n')
}

function cells({ what, unit, median, p90, p99, cpuMs, runs, ratio, aim }: Row): string[] {
  return [
    what,
    `${figure(median)} ${unit}`,
    `${figure(p90)} ${unit}`,
    `${figure(p99)} ${unit}`,
    cpuMs === undefined ? '' : `${figure(cpuMs)} ms`,
    String(runs),
    ratio ? `${figure(ratio.value)} × ${ratio.to}` : '',
    aim === undefined ? '' : `${median <= aim ? '✓' : '✗'} ≤ ${aim} ${unit}`,
  ]
}

/** Three figures are enough to compare. */
const figure = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
