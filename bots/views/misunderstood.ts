// Bad input in words: what was understood, what was not, and a line that works.
import type { AskText } from '../../core/market/askGrammar.ts'
import type { View } from '../chat/view.ts'

// A group must not be filled with whatever somebody pasted.
const MAX_PROBLEMS = 6
const MAX_WORD = 60
const short = (text: string) => (text.length > MAX_WORD ? `${text.slice(0, MAX_WORD)}…` : text)

/** `command` is what stands before an ask where it was typed. */
export function misunderstood(parsed: Extract<AskText, { ok: false }>, command: string): View {
  // What is missing comes last and helps most, so it is kept; a word said badly over and over is said once.
  const distinct = [...new Map(parsed.problems.map((problem) => [JSON.stringify(problem), problem])).values()]
  const missing = distinct.filter(({ text }) => text === '')
  const said = distinct.filter(({ text }) => text !== '')
  const shown = [...said.slice(0, Math.max(1, MAX_PROBLEMS - missing.length)), ...missing]
  const more = distinct.length - shown.length
  return {
    blocks: [
      {
        kind: 'text',
        spans: [{ text: 'I did not get all of that. Nothing was started and no money moved.', style: 'bold' }],
      },
      ...(parsed.understood.length > 0
        ? [{ kind: 'text' as const, spans: [`Understood: ${parsed.understood.map(short).join(', ')}`] }]
        : []),
      {
        kind: 'list',
        items: [
          ...shown.map(({ text, why, suggestion }) => [
            ...(text ? [{ text: short(text), style: 'code' as const }, ': '] : []),
            why,
            ...(suggestion ? [text ? ` Did you mean ${suggestion}?` : ` For example ${suggestion}.`] : []),
          ]),
          ...(more > 0 ? [[`and ${more} more`]] : []),
        ],
      },
      { kind: 'text', spans: ['For example: ', { text: `${command} ${parsed.example}`, style: 'code' }] },
    ],
  }
}
