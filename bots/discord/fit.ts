// Blocks of lines within Discord's length: cut at a line's end with a last line that says so, never inside markup.
import { clampText } from '../chat/safeText.ts'
import { type Line, plainLine } from './markdown.ts'

/** Lines that belong together; `fence` stands above and below them. */
export interface Piece {
  readonly lines: readonly Line[]
  readonly fence?: '```'
  /** What follows it if something does. */
  readonly gap: '\n' | '\n\n'
}

/** The pieces as one text of at most `maxLength` UTF-16 units. */
export function fitPieces(pieces: readonly Piece[], maxLength: number): string {
  const whole = join(pieces)
  if (whole.length <= maxLength) return whole
  let left = pieces.reduce((sum, { lines }) => sum + lines.length, 0)
  const kept: Piece[] = []
  for (const piece of pieces) {
    const shown: Line[] = []
    for (const line of piece.lines) {
      const next = [...kept, { ...piece, lines: [...shown, line] }]
      if (`${join(next)}\n${moreLines(left - 1)}`.length > maxLength) break
      shown.push(line)
      left--
    }
    if (shown.length > 0) kept.push({ ...piece, lines: shown })
    if (shown.length < piece.lines.length) break
  }
  if (kept.length === 0) return shortened(pieces[0]?.lines[0]?.plain ?? '', maxLength)
  return `${join(kept)}\n${moreLines(left)}`
}

function join(pieces: readonly Piece[]): string {
  return pieces
    .map(({ lines, fence, gap }, i) => {
      const text = lines.map(({ marked }) => marked).join('\n')
      return (fence ? `${fence}\n${text}\n${fence}` : text) + (i < pieces.length - 1 ? gap : '')
    })
    .join('')
}

/** The start of one line that alone is too long, without its styles. */
function shortened(plain: string, maxLength: number): string {
  let length = maxLength
  let text = plainLine(clampText(plain, length)).marked
  while (text.length > maxLength) {
    // Escaping at most doubles a character, so half of what is too much is never too much to take away.
    length -= Math.ceil((text.length - maxLength) / 2)
    text = plainLine(clampText(plain, length)).marked
  }
  return text
}

const moreLines = (count: number) => `… and ${count} more ${count === 1 ? 'line' : 'lines'}`
