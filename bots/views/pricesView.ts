// The message of /prices: the scan as it runs, then every provider's best beside the others'.
import type { Card } from '../../core/jobs/card.ts'
import type { ProviderProgress } from '../../core/jobs/job.ts'
import type { Ask } from '../../core/market/ask.ts'
import { printAsk } from '../../core/market/printAsk.ts'
import type { View } from '../chat/view.ts'
import { cardBlocks } from './cardView.ts'
import { scanSteps } from './scanView.ts'

/** BUYER-02; `card` is there once everybody has answered. */
export function pricesView(options: { ask: Ask; progress: readonly ProviderProgress[]; card?: Card }): View {
  const { ask, progress, card } = options
  const line = printAsk(ask)
  return {
    blocks: [
      { kind: 'heading', text: `Prices: ${line}` },
      scanSteps(progress),
      ...(card ? cardBlocks(card, { pricesOnly: true }) : []),
      ...(card?.choice
        ? [
            {
              kind: 'text' as const,
              spans: ['To run something: ', { text: `/job ${line} run python train.py`, style: 'code' as const }],
            },
          ]
        : []),
    ],
  }
}
