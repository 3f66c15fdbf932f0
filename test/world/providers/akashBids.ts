// The open bids on Akash's chain at a moment: what providers ask per block for the orders of others, and what else lies there.
import { AKASH_MODELS, type AkashModel } from './catalog.ts'
import { akashSeries, type MarketPrices } from './marketPrices.ts'
import { noise } from './priceWalk.ts'

/** A bid as the chain keeps it, whatever version of the market module shows it. */
export interface ChainBid {
  readonly owner: string
  readonly dseq: string
  readonly provider: string
  readonly denom: 'uact' | 'uakt'
  /** Per block, with the chain's 18 decimals. */
  readonly amount: string
  readonly createdAt: number
  readonly gpus: number
  /** Of the GPU: "vendor/nvidia/model/h100/ram/80Gi/interface/sxm". */
  readonly attribute?: string
}

const BLOCK_MS = 6_000
const BLOCKS_PER_HOUR = 600
const FIRST_BLOCK_MS = Date.parse('2021-03-08T15:00:00Z')
const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

export const heightAt = (nowMs: number) => Math.floor((nowMs - FIRST_BLOCK_MS) / BLOCK_MS)

/** All open bids in the order of the chain's index: by the owner of the order, then the order, then the bidder. */
export function openBidsAt(market: MarketPrices, nowMs: number): ChainBid[] {
  const height = heightAt(nowMs)
  const bids = [
    ...AKASH_MODELS.flatMap((model, index) => bidsFor({ model, index, market, nowMs })),
    ...['web', 'bot', 'db'].map((name) => plainBid(name, height)),
    forgottenBid(),
  ]
  return bids.sort((a, b) => (bidKey(a) < bidKey(b) ? -1 : 1))
}

export const bidKey = ({ owner, dseq, provider }: ChainBid) => `${owner}/${dseq.padStart(20, '0')}/${provider}`

/** Somebody's open order for this GPU, with a bid of each of its providers; none where only one would bid. */
function bidsFor(order: { model: AkashModel; index: number; market: MarketPrices; nowMs: number }): ChainBid[] {
  const { model, index, market, nowMs } = order
  const series = akashSeries(model)
  const prices = market.akashLiveBids(model, nowMs)
  if (prices.length < 2) return []
  const gpus = model.total >= 96 ? 8 : 1
  return prices.map((usd, bidder) => {
    // On every third order the dearest provider still asks for AKT.
    const inAkt = index % 3 === 0 && bidder === prices.length - 1
    const tokens = (inAkt ? usd / market.aktUsd(nowMs) : usd) * gpus
    return {
      owner: address('owner', series),
      dseq: String(1_785_245_500_842 + index),
      provider: address('provider', series, bidder),
      denom: inAkt ? 'uakt' : 'uact',
      amount: decimals((tokens * 1_000_000) / BLOCKS_PER_HOUR),
      createdAt: heightAt(nowMs) - Math.floor(40 * noise(series, bidder)),
      gpus,
      attribute: attributeOf(model, bidder),
    }
  })
}

/** Some providers write the generation of SXM boards, most do not. */
function attributeOf({ vendor, model, ram, interface: board }: AkashModel, bidder: number): string {
  const written = bidder % 2 === 1 ? board : board.toLowerCase().replace(/\d$/, '')
  return `vendor/${vendor}/model/${model}/ram/${ram}/interface/${written}`
}

/** Most orders on Akash want no GPU. */
const plainBid = (name: string, height: number): ChainBid => ({
  owner: address('owner', name),
  dseq: String(height - 7),
  provider: address('provider', name),
  denom: 'uact',
  amount: decimals(2.5),
  createdAt: height - 5,
  gpus: 0,
})

/** A provider that is gone never took its bid back. */
const forgottenBid = (): ChainBid => ({
  owner: address('owner', 'gone'),
  dseq: '22804430',
  provider: address('provider', 'gone'),
  denom: 'uact',
  amount: decimals(12),
  createdAt: 22_804_440,
  gpus: 1,
  attribute: 'vendor/nvidia/model/h100/ram/80Gi/interface/sxm',
})

// Cut, not rounded: an hour then comes to whole cents, as the bids have them.
const decimals = (amount: number) => `${(Math.floor(amount * 1e6 + 1e-3) / 1e6).toFixed(6)}000000000000`

function address(...words: readonly (string | number)[]): string {
  const letters = Array.from({ length: 38 }, (_, place) => LETTERS[Math.floor(noise(...words, place) * LETTERS.length)])
  return `akash1${letters.join('')}`
}
