// Breaks a line for a terminal: at blanks where there are any, what goes on indented below.
import { widthOf } from '../chat/textWidth.ts'

// Broken in two, an address opens nothing.
const ADDRESS = /^<?https?:\/\//

/** Lines no wider than `width` columns, but for addresses, which stay whole; those after the first begin with `hang` blanks. */
export function wrapLine(
  text: string,
  { width, hang = 0, cutsAddresses = false }: { width: number; hang?: number; cutsAddresses?: boolean },
): string[] {
  if (widthOf(text) <= width) return [text]
  const indent = ' '.repeat(Math.min(hang, Math.floor(width / 2)))
  const lines: string[] = []
  let rest = text
  while (widthOf(rest) > width) {
    const cut = cutWithin(rest, { width, from: lines.length > 0 ? indent.length : 0, cutsAddresses })
    lines.push(rest.slice(0, cut).trimEnd())
    rest = indent + rest.slice(cut).trimStart()
  }
  return rest.trim() === '' ? lines : [...lines, rest]
}

/** Where the line ends; what stands before `from` is indentation. */
function cutWithin(
  text: string,
  { width, from, cutsAddresses }: { width: number; from: number; cutsAddresses: boolean },
): number {
  const end = endWithin(text, width)
  const wordAt = text.lastIndexOf(' ', end - 1) + 1
  if (!cutsAddresses && ADDRESS.test(text.slice(wordAt))) {
    if (wordAt > from) return wordAt
    const after = text.indexOf(' ', end)
    return after < 0 ? text.length : after
  }
  const blank = text.lastIndexOf(' ', end)
  // A blank near the beginning would leave the line all but empty.
  return blank > from + (end - from) / 3 ? blank : end
}

/** How many UTF-16 units of the text fit, one character at least. */
function endWithin(text: string, width: number): number {
  let end = 0
  let used = 0
  for (const char of text) {
    used += widthOf(char)
    if (used > width && end > 0) break
    end += char.length
  }
  return end
}
