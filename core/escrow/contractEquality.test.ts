// Our hash and our arithmetic against the deployed contract's, for any terms.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { type EscrowChain, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { anyTerms } from '../../test/world/terms.ts'
import { depositOf, owedOf } from './metering.ts'
import { hashTerms } from './terms.ts'

let chain: EscrowChain
beforeAll(async () => {
  chain = await startEscrowChain()
}, 30_000)
afterAll(() => chain.stop())

const router = () => ({ address: chain.deployed.router, abi: computeRouterAbi })

test('hashTerms is termsHash', async () => {
  const { chainId, router: address } = chain.deployed
  await fc.assert(
    fc.asyncProperty(anyTerms, async (terms) => {
      const onChain = await chain.client.readContract({ ...router(), functionName: 'termsHash', args: [terms] })
      expect(hashTerms({ terms, chainId, router: address })).toBe(onChain)
    }),
    { numRuns: 60 },
  )
})

test('depositOf and owedOf are depositFor and owedFor', async () => {
  await fc.assert(
    fc.asyncProperty(anyTerms, fc.integer({ min: 0, max: 2 ** 32 - 1 }), async (terms, used) => {
      const { pricePerHour, maxSeconds, minSeconds } = terms
      const [deposit, owed] = await Promise.all([
        chain.client.readContract({ ...router(), functionName: 'depositFor', args: [pricePerHour, maxSeconds] }),
        chain.client.readContract({ ...router(), functionName: 'owedFor', args: [pricePerHour, minSeconds, used] }),
      ])
      expect([depositOf(terms), owedOf(terms, used)]).toEqual([deposit, owed])
    }),
    { numRuns: 60 },
  )
})
