// Text as the bundled font can draw it: what it lacks, such as Chinese or most emoji, is seen to be missing, never an empty box.
import { safeName } from '../chat/safeText.ts'
import { isDrawable } from './font.ts'

/** A letter in another dress ("Ａ", "𝓐") as the plain one, "?" for every other character without a glyph. */
export function drawable(text: string): string {
  const drawn = (char: string) => {
    if (isDrawable(char)) return char
    const plain = char.normalize('NFKC')
    return [...plain].every(isDrawable) ? plain : '?'
  }
  return [...text].map(drawn).join('')
}

/** Names in one chart; two that would be drawn alike get the number of their place, which is the same in the chart's words. */
export function drawableNames(names: readonly string[]): string[] {
  const clean = names.map((name) => safeName(name, { maxLength: 120, fallback: '–' }))
  const drawn = clean.map(drawable)
  return drawn.map((name, i) => {
    const isAlone = drawn.indexOf(name) === drawn.lastIndexOf(name)
    return isAlone || name === clean[i] ? name : `${i + 1}. ${name}`
  })
}
