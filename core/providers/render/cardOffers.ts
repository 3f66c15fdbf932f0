// Render's rate card to offers: what a GPU-hour of rendering would cost in RENDER, an estimate that is never chosen.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'
import type { Offer } from '../../market/offer.ts'
import { decimalText, scaleUp } from '../../pricing/decimal.ts'
import { type ParsedOffers, unmappedWarnings } from '../dropped.ts'

const tier = z.strictObject({ name: z.string(), obhPerToken: z.int().positive() })
const score = z.strictObject({
  gpu: z.string(),
  octaneBench: decimalText,
  version: z.string(),
  confirmed: z.boolean(),
  source: z.string(),
})
const rateCard = z.object({
  name: z.string(),
  date: z.iso.date(),
  token: z.string(),
  tiers: z.array(tier).min(1),
  scores: z.array(score).min(1),
})
type RateCard = z.output<typeof rateCard>

/**
 * `data/render-rates.json` as offers, one per GPU and tier; undefined for anything else. `readAtMs` is when the card was
 * read: a card does not age as a quote does, and its own date stands in every offer's `estimated`.
 */
export function cardOffers(card: unknown, readAtMs: number): ParsedOffers<Offer[]> | undefined {
  const parsed = rateCard.safeParse(card)
  if (!parsed.success) return undefined
  const { scores, tiers } = parsed.data
  const offers = scores.flatMap((row) => tiers.map((tier) => cardOffer({ card: parsed.data, row, tier, readAtMs })))
  const guessed = scores.filter(({ confirmed }) => !confirmed).map(({ gpu }) => gpu)
  const warnings = guessed.length === 0 ? [] : [`OctaneBench scores not confirmed: ${guessed.join(', ')}`]
  return { offers, warnings: [...warnings, ...unmappedWarnings(offers)], dropped: [] }
}

function cardOffer(options: {
  card: RateCard
  row: z.output<typeof score>
  tier: z.output<typeof tier>
  readAtMs: number
}): Offer {
  const { card, row, tier, readAtMs } = options
  const gpu = parseGpu({ name: row.gpu })
  const doubt = row.confirmed ? '' : ' (not confirmed)'
  return {
    id: `render:card/${[tier.name, row.gpu].join('/').toLowerCase().replaceAll(' ', '-')}`,
    provider: 'render',
    ...(gpu ? { gpu } : {}),
    rawGpu: row.gpu,
    gpusPerNode: 1,
    price: {
      model: 'token',
      token: card.token,
      tokensPerHour: tokensPerHour(row.octaneBench, tier.obhPerToken),
      per: 'gpu',
      gpus: 1,
    },
    region: [],
    bookable: { no: 'Render renders scenes and runs no containers' },
    runtimes: [],
    estimated: `the ${card.name} of ${card.date}: ${tier.name}, OctaneBench ${row.version} score ${row.octaneBench}${doubt}`,
    minSeconds: 0,
    observedAtMs: readAtMs,
  }
}

// What RENDER has on chain; less than a token's smallest unit cannot be paid.
const TOKEN_DECIMALS = 8

/** A GPU's OctaneBench score over the OBh that one token buys: tokens per GPU-hour, rounded up at the eighth decimal. */
export function tokensPerHour(octaneBench: string, obhPerToken: number): string {
  const scaled = scaleUp(octaneBench, TOKEN_DECIMALS)
  if (scaled === undefined) throw new NectoError('render.card', `No OctaneBench score: ${octaneBench}`)
  const per = BigInt(obhPerToken)
  const digits = ((scaled + per - 1n) / per).toString().padStart(TOKEN_DECIMALS + 1, '0')
  return `${digits.slice(0, -TOKEN_DECIMALS)}.${digits.slice(-TOKEN_DECIMALS)}`.replace(/\.?0+$/, '')
}
