// The tables of `necto offers`: offers with what each really costs, and how prices of a history moved.
import type { Offer, OfferPrice } from '../../core/market/offer.ts'
import { parseUsd } from '../../core/money.ts'
import { isQuote, type Priced } from '../../core/pricing/quote.ts'
import type { VolatilityRow } from '../../core/providers/module.ts'
import { unpricedText } from '../../core/router/reasonText.ts'
import type { Block } from '../chat/view.ts'
import { usd } from '../views/words.ts'

type Table = Extract<Block, { kind: 'table' }>
const UNKNOWN = '–'

const column = (title: string, align: 'left' | 'right' = 'left') => ({ title, align })

/** One row per offer, in the provider's order; `quotes` stand in the same order and are for one GPU for one hour. */
export function offersTable(offers: readonly Offer[], quotes: readonly Priced[]): Table {
  return {
    kind: 'table',
    columns: [
      column('Offer'),
      column('GPU'),
      column('GPUs/node', 'right'),
      column('Listed $/GPU-h', 'right'),
      column('Effective $/GPU-h', 'right'),
      column('Model'),
      column('±', 'right'),
      column('Free', 'right'),
      column('Region'),
    ],
    rows: offers.map((offer, i) => {
      const priced = quotes[i]
      const quote = priced && isQuote(priced) ? priced : undefined
      return [
        offer.id,
        offer.gpu?.id ?? `${offer.rawGpu} (unknown)`,
        String(offer.gpusPerNode),
        quote ? usd(quote.listedUsdPerGpuHour) : listedTokens(offer.price),
        quote ? usd(quote.usdPerGpuHour) : unpricedReason(priced),
        `${offer.price.model}${offer.estimated === undefined ? '' : ', estimate'}`,
        percent(quote?.volatility?.bps),
        offer.freeGpus === undefined ? UNKNOWN : String(offer.freeGpus),
        offer.region.join('/') || UNKNOWN,
      ]
    }),
  }
}

export const volatilityTable = (rows: readonly VolatilityRow[]): Table => ({
  kind: 'table',
  columns: [
    column('Type'),
    column('Zone'),
    column('Now $/h', 'right'),
    column('Mean $/h', 'right'),
    column('CV', 'right'),
    column('Range/mean', 'right'),
    column('Changes', 'right'),
    column('Says'),
  ],
  rows: rows.map((row) => [
    row.type,
    row.zone,
    dollars(row.currentUsdPerHour),
    dollars(row.meanUsdPerHour),
    row.cv ?? UNKNOWN,
    row.rangeOverMean ?? UNKNOWN,
    String(row.changes),
    row.label,
  ]),
})

/** The price as the provider says it, when nobody said what its token is worth. */
const listedTokens = (price: OfferPrice): string =>
  price.model === 'token' ? `${price.tokensPerHour} ${price.token}/${price.per}` : UNKNOWN

function unpricedReason(priced: Priced | undefined): string {
  if (!priced || isQuote(priced)) return UNKNOWN
  return priced.unpriced === 'no-token-price' ? 'no token price given' : unpricedText(priced.unpriced)
}

/** "20.500000" as "$20.50". */
function dollars(text: string | undefined): string {
  const amount = text === undefined ? undefined : parseUsd(text)
  return amount === undefined ? UNKNOWN : usd(amount)
}

const percent = (bps: number | undefined): string => (bps === undefined ? UNKNOWN : `${(bps / 100).toFixed(2)} %`)
