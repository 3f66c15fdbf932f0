// The few SVG pieces that charts are made of; text from people enters here alone, cleaned, fitted and escaped.
import { clampText, safeName } from '../chat/safeText.ts'
import { drawable } from './drawable.ts'
import { FONT_FAMILY } from './font.ts'

/** Every chart's size, in pixels. */
export const WIDTH = 900
export const HEIGHT = 500
/** The smallest type that is read on a phone, where a chart is shown at about half its size. */
export const TYPE = 24

export const INK = '#1a1a1a'
export const SOFT_INK = '#595959'
export const RULE = '#d0d0d0'

/** A whole chart of these pieces. */
export function svgOf(pieces: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>${pieces.join('')}</svg>`
}

export interface TextOptions {
  /** Where its line begins, ends or has its middle, as `anchor` says; `y` is the baseline. */
  readonly x: number
  readonly y: number
  /** What does not fit is left out with "…". */
  readonly maxWidth: number
  readonly size?: number
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly isBold?: boolean
  readonly fill?: string
}

/** One line of text that stays within its width whatever it says. */
export function textLine(text: string, options: TextOptions): string {
  const { x, y, maxWidth, size = TYPE, anchor = 'start', isBold = false, fill = INK } = options
  const shift = { start: 0, middle: maxWidth / 2, end: maxWidth }[anchor]
  const top = y - size
  // The nested viewport clips: how wide a stranger's glyphs really are is only estimated.
  return `<svg x="${round(x - shift)}" y="${round(top)}" width="${round(maxWidth)}" height="${round(size * 1.4)}"><text x="${round(shift)}" y="${size}" font-family="${FONT_FAMILY}" font-size="${size}"${isBold ? ' font-weight="bold"' : ''} text-anchor="${anchor}" fill="${fill}">${escapeXml(fitText(text, { maxWidth, size, isBold }))}</text></svg>`
}

/** The text on one line as the font can draw it, shortened until it fits. */
export function fitText(text: string, options: { maxWidth: number; size: number; isBold?: boolean }): string {
  let fitted = drawable(safeName(text, { maxLength: 120, fallback: '–' }))
  while (fitted.length > 1 && widthOf(fitted, options) > options.maxWidth) fitted = clampText(fitted, fitted.length - 1)
  return fitted
}

// Advance widths of DejaVu Sans in thousandths of the size, about.
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/\p{M}/u, 0],
  [/[ijlI.,:;'|!\s]/u, 330],
  [/[ftr()[\]/\\-]/u, 420],
  [/[mwMW@%–—…]/u, 1000],
  [/\p{Lu}/u, 720],
]

/** The width in pixels, about; bold is wider. */
export function widthOf(text: string, { size, isBold = false }: { size: number; isBold?: boolean }): number {
  let thousandths = 0
  for (const char of text) thousandths += WIDTHS.find(([shape]) => shape.test(char))?.[1] ?? 640
  return (thousandths * size * (isBold ? 1.12 : 1)) / 1000
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

// What XML forbids altogether has no glyph, so none of it comes here.
function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')
}

/** A coordinate without digits that no one sees. */
export const round = (value: number): number => Math.round(value * 100) / 100
