// A process with a market's cache in it, as full as it gets or empty, that says how much memory it holds and ends.
import { setTimeout as sleep } from 'node:timers/promises'
import { createManualClock } from '../../core/clock.ts'
import { createOfferCache } from '../../core/market/cache.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { createProviders } from '../../core/providers/registry.ts'
import { largeMarket, nowMs, typicalAsk } from './largeMarket.ts'

// The cache keeps 500 answers; a usual one has some two hundred rows.
const ANSWERS = 500
const OFFERS_EACH = 200

const full = process.argv[2] === 'full'
const clock = createManualClock(nowMs)
const cache = createOfferCache({ clock })
const providers = createProviders({ clock, env: {}, listings: async () => [] })
const signal = new AbortController().signal
let offers = 0
for (let answer = 0; full && answer < ANSWERS; answer++) {
  const { batch } = await cache.offers(answering(`market-${answer}`), typicalAsk, signal)
  offers += batch.offers.length
}
// Twice, with a pause: what the first frees may hold up the pages of the second.
globalThis.gc?.()
await sleep(100)
globalThis.gc?.()
const { rss, heapUsed } = process.memoryUsage()
const mib = (bytes: number) => bytes / 2 ** 20
process.stdout.write(JSON.stringify({ offers, rssMib: mib(rss), heapMib: mib(heapUsed) }))
// Both are used to the end, so that neither is collected before.
if (providers.length === 0 || !cache) process.exitCode = 1

function answering(id: string): SynapseProvider {
  const { offers } = largeMarket({ size: OFFERS_EACH, ask: typicalAsk, seed: Number(id.slice(7)) + 1 })
  const evidence = [
    {
      url: `https://${id}.example/v1/gpus`,
      status: 200,
      fetchedAtMs: nowMs,
      byteLength: 4_096,
      sha256: 'ab'.repeat(32),
    },
  ]
  return { id, name: id, cacheKey: () => 'all', offers: async () => ({ offers, evidence, warnings: [] }) }
}
