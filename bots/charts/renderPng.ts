// SVG → PNG with the bundled font and no other, so that a chart looks the same on every machine.
import { renderAsync } from '@resvg/resvg-js'
import { FONT_FAMILY, FONT_FILES } from './font.ts'

/** The picture's bytes at the size that the SVG says. Rejects when the SVG is not well formed, which is a fault of ours. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const image = await renderAsync(svg, {
    font: { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: FONT_FAMILY },
    background: '#ffffff',
    logLevel: 'off',
  })
  return image.asPng()
}
