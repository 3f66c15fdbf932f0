// For tests: an ask, an offer and a provider that answers when and as told.
import type { Clock } from '../clock.ts'
import { perGpuHour } from '../money.ts'
import type { Ask } from './ask.ts'
import type { Offer } from './offer.ts'
import type { Batch, SynapseProvider } from './provider.ts'

/** One H100 for an hour in a container, but for what is given. */
export const testAsk = (more: Partial<Ask> = {}): Ask => ({
  gpu: { family: 'h100' },
  gpuCount: 1,
  maxSeconds: 3600,
  runtime: 'container',
  ...more,
})

/** A bookable SXM H100 at a fixed 2 USD/GPU-hour, but for what is given. */
const testOffer = (more: Partial<Offer> = {}): Offer => ({
  id: 'test:one',
  provider: 'test',
  gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
  rawGpu: 'H100',
  gpusPerNode: 8,
  price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(2_000_000n) } },
  region: [],
  bookable: true,
  runtimes: ['container'],
  minSeconds: 0,
  observedAtMs: 0,
  ...more,
})

/** A batch of one offer named after the provider. */
export const testBatch = (provider: string, more: Partial<Batch> = {}): Batch => ({
  offers: [testOffer({ id: `${provider}:one`, provider })],
  evidence: [],
  warnings: [],
  ...more,
})

/** Answers each call with the next of `answers` (the last for ever), after its delay on the clock; counts the calls. */
export function createTestProvider(options: {
  id: string
  clock: Clock
  answers: readonly { afterMs: number; give: Batch | Error }[]
  missing?: string
  cacheKey?: SynapseProvider['cacheKey']
}): SynapseProvider & { calls(): number; stopped(): number } {
  const { id, clock, answers, missing, cacheKey } = options
  let calls = 0
  let stopped = 0
  return {
    id,
    name: id.toUpperCase(),
    ...(missing === undefined ? {} : { missing }),
    ...(cacheKey ? { cacheKey } : {}),
    calls: () => calls,
    stopped: () => stopped,
    async offers(_ask, signal) {
      const answer = answers[Math.min(calls++, answers.length - 1)]
      if (!answer) throw new Error('no answer given')
      await clock.sleep(answer.afterMs, signal).catch((error: unknown) => {
        stopped++
        throw error
      })
      if (answer.give instanceof Error) throw answer.give
      return answer.give
    },
  }
}
