// For tests: what holds of every offer whoever makes it — its form, its units, what it costs for more GPUs, its size.
import { expect } from 'vitest'
import { z } from 'zod'
import type { Ask } from '../market/ask.ts'
import { type Offer, offerSchema } from '../market/offer.ts'
import { testAsk } from '../market/testMarket.ts'
import { defaultPolicy as policy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import { isQuote, type Priced, type Quote } from '../pricing/quote.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import { decide } from '../router/decide.ts'
import { gpusOnOneNode } from '../router/judgeOffer.ts'

// What any token is worth here, so that a price in tokens can be followed too.
const USD_PER_TOKEN = '0.37'

/** Schema, ids, price above zero, units that agree. */
export function checkOffer(offer: Offer, providerId: string) {
  expect(z.decode(offerSchema, z.encode(offerSchema, offer))).toEqual(offer)
  expect(offer.provider).toBe(providerId)
  expect(offer.id.startsWith(`${providerId}:`)).toBe(true)
  // What nobody can book, an estimate, need not run anything.
  if (offer.estimated === undefined) expect(offer.runtimes.length).toBeGreaterThan(0)
  for (const code of offer.region) expect(code).toBe(code.toLowerCase())
  const { price } = offer
  if (price.model === 'token') {
    expect(price.tokensPerHour).toMatch(/^\d+(\.\d+)?$/)
    expect(Number(price.tokensPerHour)).toBeGreaterThan(0)
    expect(price.token).toMatch(/^[A-Z0-9]+$/)
    if (price.per === 'node') expect(price.gpus).toBe(offer.gpusPerNode)
    return
  }
  expect(price.unit.usdPerHour > 0n).toBe(true)
  // A node's price is of all its GPUs: one that names fewer than the node has would be read as cheaper than it is.
  if (price.unit.per === 'node') expect(price.unit.gpus).toBe(offer.gpusPerNode)
  if (price.model === 'dynamic') {
    const [low, high] = [price.floor, price.ceiling]
    expect([low.per, high.per]).toEqual([price.unit.per, price.unit.per])
    expect(low.usdPerHour <= price.unit.usdPerHour && price.unit.usdPerHour <= high.usdPerHour).toBe(true)
  }
}

/** More GPUs never cost less: each costs the same again where one is priced, a node costs the same however few are used. */
export function checkGrowth(offer: Offer) {
  const per = offer.price.model === 'token' ? offer.price.per : offer.price.unit.per
  const size = gpusOnOneNode(offer)
  const [one, ...more] = Array.from({ length: size }, (_, index) => quoteFor(offer, index + 1))
  expect(one && one.totalUsd > 0n && one.usdPerGpuHour > 0n, offer.id).toBe(true)
  let before = one
  for (const quote of more) {
    if (!one || !before) return
    const label = `${offer.id}, ${quote.gpuCount} GPUs`
    expect(quote.usdPerHour, label).toBe(per === 'gpu' ? one.usdPerHour * BigInt(quote.gpuCount) : one.usdPerHour)
    const grows = per === 'gpu' ? quote.totalUsd > before.totalUsd : quote.totalUsd >= before.totalUsd
    expect(grows, label).toBe(true)
    before = quote
  }
}

/** One GPU more than the node holds is refused for that reason, and never chosen. */
export function checkNodeSize(offers: readonly Offer[]) {
  for (const offer of offers) {
    const size = gpusOnOneNode(offer)
    expect(codesFor(offer, size), offer.id).not.toContain('not-on-one-node')
    expect(codesFor(offer, size + 1), offer.id).toContain('not-on-one-node')
  }
  const sizes = [...new Set(offers.map(gpusOnOneNode))]
  for (const gpuCount of sizes.map((size) => size + 1)) {
    const { selection, ranking } = decideFor(offers, gpuCount)
    const fitting = offers.filter((offer) => gpusOnOneNode(offer) >= gpuCount).map(({ id }) => id)
    for (const id of [...ranking, ...(selection === undefined ? [] : [selection])]) expect(fitting).toContain(id)
  }
}

/** A GPU without a family in data/gpus.json is never chosen, and the router says why. */
export function checkUnmapped(offer: Offer) {
  expect(codesFor(offer, 1)).toContain('gpu-unmapped')
}

function codesFor(offer: Offer, gpuCount: number): string[] {
  const { verdicts, selection } = decideFor([offer], gpuCount)
  const codes = verdicts.flatMap(({ rejections }) => rejections.map(({ code }) => code))
  if (codes.length > 0) expect(selection).toBeUndefined()
  return codes
}

// Nothing is to run, so that what cannot be booked is judged by all the rest.
function decideFor(offers: readonly Offer[], gpuCount: number) {
  const ask = askFor(gpuCount, offers)
  const quotes = offers.map((offer) => price(offer, ask))
  return decide({ ask, offers, quotes, policy, nowMs: nowOf(offers) })
}

function askFor(gpuCount: number, [first]: readonly Offer[]): Ask {
  const { runtime: _, ...rest } = testAsk({ gpuCount })
  return { ...rest, gpu: { family: first?.gpu?.family ?? 'h100' } }
}

function quoteFor(offer: Offer, gpuCount: number): Quote {
  const priced = price(offer, askFor(gpuCount, [offer]))
  if (!isQuote(priced)) throw new Error(`${offer.id} for ${gpuCount} GPUs: ${priced.unpriced}`)
  return priced
}

function price(offer: Offer, ask: Ask): Priced {
  const { price: listed, observedAtMs: nowMs } = offer
  const tokens: TokenPrice[] =
    listed.model === 'token'
      ? [{ token: listed.token, usdPerToken: USD_PER_TOKEN, source: 'the test', atMs: nowMs }]
      : []
  return priceOffer({ offer, ask, tokens, policy, nowMs })
}

const nowOf = (offers: readonly Offer[]) => Math.max(...offers.map(({ observedAtMs }) => observedAtMs))
