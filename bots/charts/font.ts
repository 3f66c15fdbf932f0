// The bundled font: where its files are, and which characters both its weights can draw.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const FONT_FAMILY = 'DejaVu Sans'
export const FONT_FILES = [
  import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
].map((url) => fileURLToPath(url))

type Ranges = readonly { readonly from: number; readonly to: number }[]
let weights: readonly Ranges[] | undefined

/** Whether the font has a glyph for the character. */
export function isDrawable(char: string): boolean {
  weights ??= FONT_FILES.map((path) => mappedRanges(readFileSync(path)))
  const point = char.codePointAt(0) ?? 0
  return weights.every((ranges) => ranges.some(({ from, to }) => from <= point && point <= to))
}

/** The code points that an OpenType file maps to glyphs: its table "cmap", in the format 12 that holds all of Unicode. */
function mappedRanges(file: Buffer): Ranges {
  const cmap = offsetOf(file, 'cmap')
  const subtables = Array.from(
    { length: file.readUInt16BE(cmap + 2) },
    (_, i) => cmap + file.readUInt32BE(cmap + 8 + 8 * i),
  )
  const table = subtables.find((at) => file.readUInt16BE(at) === 12)
  if (table === undefined) throw new Error('the bundled font has no cmap of format 12')
  return Array.from({ length: file.readUInt32BE(table + 12) }, (_, i) => {
    const group = table + 16 + 12 * i
    return { from: file.readUInt32BE(group), to: file.readUInt32BE(group + 4) }
  })
}

function offsetOf(file: Buffer, tag: string): number {
  for (let record = 12; record < 12 + 16 * file.readUInt16BE(4); record += 16) {
    if (file.toString('latin1', record, record + 4) === tag) return file.readUInt32BE(record + 8)
  }
  throw new Error(`the bundled font has no table ${tag}`)
}
