// Terms for tests: one sound example to vary, and any terms there can be.
import fc from 'fast-check'
import { type Hex, pad, toHex, zeroHash } from 'viem'
import { providerKey, refKey, type Terms } from '../../core/escrow/terms.ts'
import { perJobHour } from '../../core/money.ts'
import { people } from './startEscrowChain.ts'

/** Terms that the local escrow chain accepts: 2 USD per hour for one hour, 2.5 % fee, untracked. */
export function sampleTerms(options: { nowSeconds: bigint } & Partial<Terms>): Terms {
  const { nowSeconds, ...change } = options
  return {
    refundTo: people.payer.address,
    provider: providerKey('necto:test'),
    gpuCount: 2,
    pricePerHour: perJobHour(2_000_000n),
    maxSeconds: 3600,
    minSeconds: 0,
    feeBps: 250,
    fundBy: nowSeconds + 900n,
    startBy: nowSeconds + 2700n,
    decisionRoot: bytes32(0xd0n),
    decisionHash: bytes32(0xd1n),
    decisionLength: 4096,
    memberTag: zeroHash,
    tracked: false,
    priceAsset: zeroHash,
    tokenPrice: 0n,
    ref: refKey('K7QF-3M2P'),
    salt: bytes32(1n),
    ...change,
  }
}

/** A number as 32 bytes. */
export const bytes32 = (value: bigint): Hex => pad(toHex(value), { size: 32 })

const anyBytes32 = fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }).map(bytes32)
const seconds = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })

/** Any terms that the schema accepts. */
export const anyTerms: fc.Arbitrary<Terms> = fc
  .record({
    refundTo: fc.bigInt({ min: 1n, max: 2n ** 160n - 1n }).map((value) => pad(toHex(value), { size: 20 })),
    provider: anyBytes32,
    gpuCount: fc.integer({ min: 1, max: 65_535 }),
    pricePerHour: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(perJobHour),
    maxSeconds: fc.integer({ min: 1, max: 365 * 86_400 }),
    minShare: fc.double({ min: 0, max: 1, noNaN: true }),
    feeBps: fc.integer({ min: 0, max: 1000 }),
    fundBy: seconds,
    startAfter: seconds,
    decisionRoot: anyBytes32,
    decisionHash: anyBytes32,
    decisionLength: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    tag: fc.option(anyBytes32),
    token: fc.option(fc.record({ priceAsset: anyBytes32, tokenPrice: fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }) })),
    ref: anyBytes32,
    salt: anyBytes32,
  })
  .map(({ minShare, startAfter, tag, token, ...terms }) => ({
    ...terms,
    minSeconds: Math.floor(terms.maxSeconds * minShare),
    startBy: terms.fundBy + startAfter,
    tracked: tag !== null,
    memberTag: tag ?? zeroHash,
    priceAsset: token?.priceAsset ?? zeroHash,
    tokenPrice: token?.tokenPrice ?? 0n,
  }))
