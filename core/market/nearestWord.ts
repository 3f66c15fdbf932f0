// The known word that somebody most likely meant.
import { editDistance } from '../editDistance.ts'

/** The word at most two slips of the hand away from `typed` (one in short words), nearest first; undefined when none is. */
export function nearestWord(typed: string, known: readonly string[]): string | undefined {
  const text = typed.toLowerCase()
  const limit = text.length < 5 ? 1 : 2
  const [best] = known
    .map((word) => ({ word, distance: word.startsWith(text) && text.length > 2 ? 0 : editDistance(text, word) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return best?.word
}
