// Whether the text of an ask holds what others should not read: what runs, in which image, or that nobody is to be named.
import { nearestWord } from './nearestWord.ts'

const PRIVATE = ['run', 'image', 'untracked'] as const
// Known too, so that it is not taken for a slip in the other mode.
const KNOWN = [...PRIVATE, 'tracked'] as const

/** A slip in one of these words counts as the word: the answer will repeat it. */
export const saysPrivate = (text: string): boolean =>
  text.split(/[\s,]+/).some((word) => PRIVATE.some((one) => one === nearestWord(word, KNOWN)))
