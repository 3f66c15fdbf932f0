// Bad input in words: what was understood, what was not, and a line that works.
import type { AskText } from '../../core/market/askGrammar.ts'
import type { View } from '../chat/view.ts'

/** `command` is what stands before an ask where it was typed. */
export function misunderstood(parsed: Extract<AskText, { ok: false }>, command: string): View {
  return {
    blocks: [
      {
        kind: 'text',
        spans: [{ text: 'I did not get all of that. Nothing was started and no money moved.', style: 'bold' }],
      },
      ...(parsed.understood.length > 0
        ? [{ kind: 'text' as const, spans: [`Understood: ${parsed.understood.join(', ')}`] }]
        : []),
      {
        kind: 'list',
        items: parsed.problems.map(({ text, why, suggestion }) => [
          ...(text ? [{ text, style: 'code' as const }, ': '] : []),
          why,
          ...(suggestion ? [text ? ` Did you mean ${suggestion}?` : ` For example ${suggestion}.`] : []),
        ]),
      },
      { kind: 'text', spans: ['For example: ', { text: `${command} ${parsed.example}`, style: 'code' }] },
    ],
  }
}
