// The place that somebody most likely meant, for typos.
import { nearestWord } from '../market/nearestWord.ts'
import { placeSpellings } from './placeTable.ts'

// Codes of two letters are all a slip of the hand apart.
const MIN_LETTERS = 4
const spellings = placeSpellings.filter((text) => text.length >= MIN_LETTERS)

/** A spelling that `regionCode` knows, nearest first: "eruope" → "europe", "us-est-1" → "us-east-1". */
export const suggestPlace = (text: string): string | undefined =>
  text.length < MIN_LETTERS ? undefined : nearestWord(text, spellings)
