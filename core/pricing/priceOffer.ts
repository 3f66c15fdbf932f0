// Prices one offer for one ask: the effective cost of a useful GPU-hour, every step itemised and rounded up.

import type { Ask } from '../market/ask.ts'
import type { Offer, OfferPrice, Volatility } from '../market/offer.ts'
import { type MicroUsd, mulDivUp, perGpuHour, perJobHour, SECONDS_PER_HOUR } from '../money.ts'
import { scaleUp } from './decimal.ts'
import type { Policy } from './policy.ts'
import type { Priced, Quote, QuoteLine, Unpriced } from './quote.ts'
import {
  findTokenPrice,
  formatTokenPrice,
  TOKEN_PRICE_DECIMALS,
  type TokenPrice,
  type UsableTokenPrice,
} from './tokenPrice.ts'

// Above these no price is real, and every amount still fits the contract's uint64 and JSON's fifteen digits.
const MAX_USD_PER_HOUR: MicroUsd = 1_000_000_000_000n
const MAX_SECONDS = 365 * 86_400

const TOKEN_DECIMALS = 18
const TOKEN_TO_MICRO_USD = 10n ** BigInt(TOKEN_DECIMALS + TOKEN_PRICE_DECIMALS - 6)

/** A listed price in dollars: of one GPU, or of a node of `gpus`. */
interface ListedPrice {
  per: 'gpu' | 'node'
  gpus: number
  usd: MicroUsd
  lines: QuoteLine[]
  volatility: Volatility | undefined
  token?: UsableTokenPrice & { token: string }
}

/**
 * The quote of `offer` for `ask` at `nowMs`. A node-priced offer costs its whole node however few GPUs the job uses;
 * a job shorter than the minimum billing pays the minimum. Deterministic: it reads nothing but its arguments.
 */
export function priceOffer(options: {
  offer: Offer
  ask: Ask
  tokens: readonly TokenPrice[]
  policy: Policy
  nowMs: number
}): Priced {
  const { offer, ask } = options
  const listed = listedPrice(options)
  if ('unpriced' in listed) return listed
  if (listed.per === 'node' && ask.gpuCount > listed.gpus) return { offerId: offer.id, unpriced: 'not-on-one-node' }
  if (listed.usd === 0n) return { offerId: offer.id, unpriced: 'price-zero' }

  const count = BigInt(ask.gpuCount)
  const fees = addFees(offer, listed)
  const usdPerHour = listed.per === 'node' ? fees.usd : fees.usd * count
  const maxSeconds = Math.max(ask.maxSeconds, offer.minSeconds)
  if (usdPerHour > MAX_USD_PER_HOUR || maxSeconds > MAX_SECONDS) {
    return { offerId: offer.id, unpriced: 'price-out-of-range' }
  }
  const billed = BigInt(maxSeconds)
  const usdPerGpuHour = mulDivUp(usdPerHour, billed, BigInt(ask.maxSeconds) * count)
  const totalUsd = mulDivUp(usdPerHour, billed, SECONDS_PER_HOUR)
  const { token, volatility } = listed
  return {
    offerId: offer.id,
    listedUsdPerGpuHour: perGpuHour(listed.per === 'node' ? mulDivUp(listed.usd, 1n, BigInt(listed.gpus)) : listed.usd),
    usdPerGpuHour: perGpuHour(usdPerGpuHour),
    usdPerHour: perJobHour(usdPerHour),
    gpuCount: ask.gpuCount,
    maxSeconds,
    minSeconds: offer.minSeconds,
    totalUsd,
    lines: [
      ...listed.lines,
      ...fees.lines,
      { label: jobHourLabel(listed, ask.gpuCount), usd: usdPerHour, source: 'computed' },
      ...minimumLine({ offer, ask, usdPerHour, totalUsd }),
      { label: `deposit for ${maxSeconds} s`, usd: totalUsd, source: 'computed, rounded up' },
      { label: 'effective price of one useful GPU-hour', usd: usdPerGpuHour, source: 'computed, rounded up' },
    ],
    ...(volatility && { volatility }),
    ...(token && { token: quotedToken(token) }),
  }
}

function quotedToken({ token, price, source, standing, lastKnown }: NonNullable<ListedPrice['token']>): Quote['token'] {
  return { token, price, source, standing, ...(lastKnown && { lastKnown }) }
}

function listedPrice(options: Parameters<typeof priceOffer>[0]): ListedPrice | Unpriced {
  const { offer } = options
  const { price } = offer
  if (price.model === 'token') return convertTokens({ ...options, price })
  const { unit } = price
  const gpus = unit.per === 'node' ? unit.gpus : offer.gpusPerNode
  return {
    per: unit.per,
    gpus,
    usd: unit.usdPerHour,
    lines: [
      { label: `${price.model} price of ${unitName(unit.per, gpus)}`, usd: unit.usdPerHour, source: sourceOf(offer) },
    ],
    volatility: price.model === 'spot' || price.model === 'auction' ? price.volatility : undefined,
  }
}

function convertTokens(
  options: Parameters<typeof priceOffer>[0] & { price: Extract<OfferPrice, { model: 'token' }> },
): ListedPrice | Unpriced {
  const { offer, price } = options
  const found = findTokenPrice({ ...options, token: price.token })
  if ('refused' in found) return { offerId: offer.id, unpriced: found.refused }
  const tokens = scaleUp(price.tokensPerHour, TOKEN_DECIMALS)
  if (tokens === undefined || tokens === 0n) return { offerId: offer.id, unpriced: 'price-zero' }
  const usd = mulDivUp(tokens, found.price, TOKEN_TO_MICRO_USD)
  return {
    per: price.per,
    gpus: price.gpus,
    usd,
    lines: [
      {
        label: `1 ${price.token} = ${formatTokenPrice(found.price)} USD`,
        usd: mulDivUp(found.price, 1n, 100n),
        source: [found.source, ...(found.lastKnown ? ['last known'] : []), isoTime(found.atMs)].join(', '),
      },
      {
        label: `${price.tokensPerHour} ${price.token} for ${unitName(price.per, price.gpus)}`,
        usd,
        source: sourceOf(offer),
      },
    ],
    volatility: found.volatility,
    token: { ...found, token: price.token },
  }
}

/** Each fee is of the listed price, not of the fees before it. */
function addFees(offer: Offer, listed: ListedPrice): { usd: MicroUsd; lines: QuoteLine[] } {
  const lines = (offer.fees ?? []).map(({ label, bps }) => ({
    label: `${label}, ${bps / 100} % of it`,
    usd: mulDivUp(listed.usd, BigInt(bps), 10_000n),
    source: sourceOf(offer),
  }))
  return { usd: lines.reduce((sum, line) => sum + line.usd, listed.usd), lines }
}

function minimumLine(options: { offer: Offer; ask: Ask; usdPerHour: bigint; totalUsd: MicroUsd }): QuoteLine[] {
  const { offer, ask, usdPerHour, totalUsd } = options
  if (offer.minSeconds <= ask.maxSeconds) return []
  const extra = totalUsd - mulDivUp(usdPerHour, BigInt(ask.maxSeconds), SECONDS_PER_HOUR)
  const label = `minimum billing of ${offer.minSeconds} s for a job of ${ask.maxSeconds} s adds`
  return [{ label, usd: extra, source: sourceOf(offer) }]
}

function jobHourLabel(listed: ListedPrice, gpuCount: number): string {
  if (listed.per === 'gpu') return `one hour of ${gpuCount} × 1 GPU`
  return `one hour of the whole node, ${gpuCount} of its ${listed.gpus} GPUs used`
}

const unitName = (per: 'gpu' | 'node', gpus: number) =>
  per === 'gpu' ? 'one GPU-hour' : `one hour of a node of ${gpus} GPUs`
const sourceOf = (offer: Offer) => `${offer.provider}, ${isoTime(offer.observedAtMs)}`
const isoTime = (ms: number) => new Date(ms).toISOString()
