// `necto quote "<ask>" [--live] [--json]`: the comparison without a chat.

import { z } from 'zod'
import { cardSchema } from '../../core/jobs/card.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import { decideJob, routingPolicy } from '../../core/jobs/decideJob.ts'
import { type Market, readMarket } from '../../core/jobs/readMarket.ts'
import { askSchema } from '../../core/market/ask.ts'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { printAsk } from '../../core/market/printAsk.ts'
import { cardBlocks } from '../views/cardView.ts'
import { misunderstood } from '../views/misunderstood.ts'
import { scanSteps } from '../views/scanView.ts'
import { terminalText } from './terminalText.ts'

/** The ask as typed, and the switches among its words. A switch inside a quoted ask is part of the ask. */
export const readQuoteArguments = (args: readonly string[]) => ({
  text: args.filter((arg) => arg !== '--json' && arg !== '--live').join(' '),
  json: args.includes('--json'),
  live: args.includes('--live'),
})

/** Prints it; exit code 0 for every answer, also "nothing fits", 2 for an ask that cannot be read. */
export async function runQuote(options: {
  text: string
  json: boolean
  /** Said above the answer. */
  note?: string | undefined
  market: Market
  policy: JobsContext['policy']
  print: (text: string) => void
  signal: AbortSignal
}): Promise<number> {
  const { text, json, note, market, policy, print, signal } = options
  const parsed = parseAskText(text, { knownProviders: market.providers.map(({ id }) => id) })
  if (!parsed.ok) {
    print(
      json
        ? JSON.stringify(
            { ok: false, understood: parsed.understood, problems: parsed.problems, example: parsed.example },
            null,
            2,
          )
        : terminalText(misunderstood(parsed, 'necto quote')),
    )
    return 2
  }
  const read = await readMarket({ market, ask: parsed.ask, deadlineMs: policy.scanDeadlineMs, signal })
  if (!read) return 1
  const { input, progress } = read
  const { card } = decideJob({ ask: parsed.ask, input, policy: routingPolicy(policy), sellerNames: {} })
  if (json) {
    print(
      JSON.stringify(
        { ok: true, ask: z.encode(askSchema, parsed.ask), providers: progress, ...z.encode(cardSchema, card) },
        null,
        2,
      ),
    )
    return 0
  }
  print(
    terminalText({
      blocks: [
        { kind: 'heading', text: printAsk(parsed.ask) },
        ...(note === undefined ? [] : [{ kind: 'note' as const, text: note }]),
        scanSteps(progress),
        ...cardBlocks(card, { columns: 'all', pricesOnly: !parsed.ask.runtime && !parsed.ask.bookableOnly }),
      ],
    }),
  )
  return 0
}
