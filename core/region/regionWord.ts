// Country codes that are also small words of a sentence: "h100 4h in germany" must not mean India or Germany.

// India, Norway, Austria, Tonga, Iceland, Italy, Montenegro, Malaysia, Belgium, Dominican Republic.
const SMALL_WORDS: ReadonlySet<string> = new Set(['in', 'no', 'at', 'to', 'is', 'it', 'me', 'my', 'be', 'do'])

/** Whether a word as typed says nothing by itself; in capitals it is the country's code. */
export const isSmallWord = (text: string): boolean => SMALL_WORDS.has(text)

/** A region's code as it is read back: "de", "us-east-1", "IN". */
export const printRegion = (code: string): string => (isSmallWord(code) ? code.toUpperCase() : code)
