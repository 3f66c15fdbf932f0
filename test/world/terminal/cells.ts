// Rows of cells with a cursor, as a terminal keeps them; rows that scrolled away stay readable.
import { widthOf } from '../../../bots/chat/textWidth.ts'

const ESCAPE = '\u001B'
// What readline sends to draw a line: cursor up, down, right, left and to a column, erase below and to the line's end.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const MOVE = /^\u001B\[(\d*)([ABCDGJK])/

/** Draws text; whatever is neither text nor a movement is kept apart. */
export function createCells(size: { readonly columns: number }) {
  const grid: string[][] = [[]]
  const foreign: string[] = []
  let row = 0
  let column = 0

  function rowAt(index: number): string[] {
    while (grid.length <= index) grid.push([])
    return grid[index] as string[]
  }

  function move(count: number, how: string): void {
    if (how === 'A') row = Math.max(0, row - count)
    if (how === 'B') row += count
    if (how === 'C') column = Math.min(size.columns - 1, column + count)
    if (how === 'D') column = Math.max(0, column - count)
    if (how === 'G') column = Math.max(0, count - 1)
    if (how === 'K' || how === 'J') rowAt(row).length = Math.min(rowAt(row).length, column)
    if (how === 'J') grid.length = Math.min(grid.length, row + 1)
  }

  function put(char: string): void {
    const width = widthOf(char)
    const cells = rowAt(row)
    if (width === 0) {
      const before = Math.max(0, column - 1)
      cells[before] = `${cells[before] ?? ''}${char}`
      return
    }
    if (column + width > size.columns) {
      row++
      column = 0
    }
    const target = rowAt(row)
    while (target.length < column) target.push(' ')
    target[column] = char
    if (width === 2) target[column + 1] = ''
    column += width
  }

  return {
    write(text: string): void {
      let rest = text
      while (rest !== '') {
        const [whole, count = '', how = ''] = MOVE.exec(rest) ?? []
        if (whole !== undefined) {
          move(how === 'J' || how === 'K' ? Number(count) : Number(count || 1), how)
          rest = rest.slice(whole.length)
          continue
        }
        const char = String.fromCodePoint(rest.codePointAt(0) ?? 0)
        rest = rest.slice(char.length)
        if (char === '\n') {
          row++
          column = 0
          rowAt(row)
        } else if (char === '\r') column = 0
        else if (char === ESCAPE || /\p{Cc}|\p{Bidi_Control}/u.test(char)) foreign.push(char + rest.slice(0, 12))
        else put(char)
      }
    },
    rows: (): string[] => grid.map((cells) => cells.join('').trimEnd()),
    cursorRow: () => row,
    foreign: (): readonly string[] => foreign,
  }
}
