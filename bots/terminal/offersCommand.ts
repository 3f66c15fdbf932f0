// `necto offers <provider> --replay FILE...`: recorded replies of a provider, read and priced as Necto would.
import { z } from 'zod'
import { NectoError } from '../../core/errors.ts'
import { offerSchema } from '../../core/market/offer.ts'
import { defaultPolicy } from '../../core/pricing/policy.ts'
import { priceOffer } from '../../core/pricing/priceOffer.ts'
import { pricedSchema } from '../../core/pricing/quote.ts'
import type { ProviderModule } from '../../core/providers/module.ts'
import { verbHelp } from './help.ts'
import { type OffersRequest, offersRequest } from './offersRequest.ts'
import { offersTable, volatilityTable } from './offersTable.ts'
import { readArguments } from './readArguments.ts'
import { readReplies } from './readReplies.ts'
import { oneLine, terminalText } from './terminalText.ts'

interface Output {
  readonly print: (text: string) => void
  /** Beside the result: what was left out, and what is wrong. */
  readonly warn: (text: string) => void
}

/** Prints it; exit code 0 when every file was read, 2 with one clear line for anything that was given wrongly. */
export async function runOffers(
  options: Output & { args: readonly string[]; modules: readonly ProviderModule[]; nowMs: number },
): Promise<number> {
  const { args, modules, nowMs, print, warn } = options
  if (args.length === 0) {
    warn(verbHelp('offers') ?? '')
    return 2
  }
  const read = readArguments('offers', args)
  try {
    if ('why' in read) throw new NectoError('terminal.usage', read.why)
    const request = offersRequest({ read, modules, nowMs })
    if (request.volatility) await printVolatility(request, modules, print)
    else await printOffers(request, { print, warn })
    return 0
  } catch (error) {
    if (!(error instanceof NectoError)) throw error
    warn(`${oneLine(error.message)}${error.code === 'terminal.usage' ? ' See necto help offers.' : ''}`)
    return 2
  }
}

async function printOffers(request: OffersRequest, { print, warn }: Output): Promise<void> {
  const { module, files, atMs, tokens, json } = request
  if (!module.replay)
    throw new NectoError(
      'terminal.no-replay',
      `Offers of ${module.id} do not come from replies that could be replayed.`,
    )
  const { offers, dropped, warnings } = module.replay(await readReplies(files), atMs)
  const quotes = offers.map((offer) => {
    const ask = { gpu: { family: offer.gpu?.family ?? offer.rawGpu }, gpuCount: 1, maxSeconds: 3600 }
    return priceOffer({ offer, ask, tokens, policy: defaultPolicy, nowMs: atMs })
  })
  if (json) {
    const document = {
      provider: module.id,
      at: new Date(atMs).toISOString(),
      offers: z.encode(z.array(offerSchema), offers),
      quotes: z.encode(z.array(pricedSchema), quotes),
      dropped,
      warnings,
    }
    print(JSON.stringify(document, null, 2))
  } else print(offers.length === 0 ? 'No offers.' : terminalText({ blocks: [offersTable(offers, quotes)] }))
  for (const { row, reason } of dropped) warn(oneLine(`left out: ${row}: ${reason}`))
  for (const warning of warnings) warn(oneLine(`warning: ${warning}`))
}

async function printVolatility(
  { module, files, atMs, json }: OffersRequest,
  modules: readonly ProviderModule[],
  print: Output['print'],
): Promise<void> {
  if (!module.volatility) {
    const able = modules.filter(({ volatility }) => volatility).map(({ id }) => id)
    throw new NectoError('terminal.no-history', `Only ${able.join(' and ') || 'aws-spot'} has a price history.`)
  }
  const rows = module.volatility(await readReplies(files), atMs)
  if (json) {
    print(JSON.stringify({ provider: module.id, at: new Date(atMs).toISOString(), rows }, null, 2))
    return
  }
  print(rows.length === 0 ? 'No prices.' : terminalText({ blocks: [volatilityTable(rows)] }))
}
