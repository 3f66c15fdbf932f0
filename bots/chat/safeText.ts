// Makes text from people and providers harmless to look at: nothing invisible, nothing that reorders or covers its surroundings.

// Default-ignorable covers zero-width characters, joiners, variation selectors, tags and Hangul fillers; U+2800 and U+FFFC show as blanks too.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800\uFFF9-\uFFFC]/gu
// Everything but tab and line feed; a carriage return alone would overwrite the line in a terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g
// A pile of combining marks grows over the lines above and below it.
const STACKED_MARKS = /(\p{M}{2})\p{M}+/gu

/** A text without control, bidi and zero-width characters; line breaks stay. Needed on every surface, since any text may quote a stranger. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replace(CONTROL, '')
    .replace(STACKED_MARKS, '$1')
}

/** The first `maxLength` UTF-16 units at most, never half a character, with "…" where something is missing. */
export function clampText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  let end = Math.max(0, maxLength - 1)
  if (isLowSurrogate(text.charCodeAt(end))) end--
  return `${text.slice(0, end)}…`
}

/** A name for one line next to an amount; a name with nothing to see becomes the fallback. */
export function safeName(text: string, options: { maxLength?: number; fallback?: string } = {}): string {
  const line = cleanText(text).replace(/\s+/gu, ' ').trim()
  return clampText(line, options.maxLength ?? 40) || (options.fallback ?? '(no name)')
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
