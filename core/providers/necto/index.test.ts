// Necto's sellers held to the rules of every provider; what they are read from is our own store.
import { expect, test } from 'vitest'
import { systemClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { perGpuHour } from '../../money.ts'
import { describeProvider, type Fault } from '../providerSuite.ts'
import { createNectoProvider } from './index.ts'
import type { NectoListing } from './offers.ts'
import { testListing } from './testListing.ts'

const { gpu: _, ...unknown } = testListing({ id: 'l2', rawGpu: 'Homemade 9000' })

describeProvider('necto', {
  // There is no wire: no status, no page, no cut reply, no second request.
  cannot: ['part', 'busy', 'page', 'cut', 'down'],
  async start() {
    let fault: Fault | undefined
    const reached = Promise.withResolvers<void>()
    const answer = async (): Promise<readonly NectoListing[]> => {
      reached.resolve()
      if (fault === 'slow') return new Promise(() => undefined)
      if (fault === 'broken') throw new Error('the disk is gone')
      if (fault === 'empty') return [testListing({ live: false })]
      return [testListing(), fault === 'rows' ? { ...unknown, usdPerGpuHour: perGpuHour(0n) } : unknown]
    }
    return {
      provider: createNectoProvider({ listings: answer, clock: systemClock }),
      setFault: (next) => {
        fault = next
      },
      reached: () => reached.promise,
      stop: () => undefined,
    }
  },
})

test('PROV-06 the evidence changes with a listing, not with who the seller is called, and is never cached', async () => {
  const digest = async (listing: NectoListing) => {
    const provider = createNectoProvider({ listings: async () => [listing], clock: systemClock })
    expect(provider.cacheKey?.(testAsk())).toBeUndefined()
    const { evidence } = await provider.offers(testAsk(), new AbortController().signal)
    expect(evidence[0]?.url).toBe('necto:listings')
    return evidence[0]?.sha256
  }
  const before = await digest(testListing())
  expect(await digest(testListing({ sellerName: 'Another' }))).toBe(before)
  expect(await digest(testListing({ freeGpus: 5 }))).not.toBe(before)
})
