// The terms of a job: what the payer agrees to, as JSON, as typed data, and as the one hash that names the job.
import { type Address, type Hex, hashTypedData, keccak256, stringToHex, zeroAddress, zeroHash } from 'viem'
import { z } from 'zod'
import { address, bytes32, integerText, microUsdPerJobHour } from '../codecs.ts'

const uint = (bits: 16 | 32) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1)
const uintText = (bits: 64 | 128) => integerText.refine((value) => value < 2n ** BigInt(bits), `above ${bits} bits`)

/**
 * Terms as the contract holds them (the values go into viem unchanged); in JSON the wide integers are decimal strings
 * and the price is dollars with six decimals.
 */
export const termsSchema = z
  .strictObject({
    /** Receives every refund, and may ask for a stop. */
    refundTo: address.refine((value) => value !== zeroAddress, 'no address'),
    /** Registry id, see `providerKey`. */
    provider: bytes32,
    /** GPUs of the job, all on one node. */
    gpuCount: uint(16).positive(),
    /** For the whole job, not per GPU. */
    pricePerHour: microUsdPerJobHour.refine((value) => value > 0n && value < 2n ** 64n, 'no price'),
    /** Seconds that the deposit covers; the contract takes a year at most. */
    maxSeconds: uint(32)
      .positive()
      .max(365 * 86_400),
    /** Seconds billed at least once anything ran. */
    minSeconds: uint(32),
    /** Part of each release that is the fee, in 1/10000. */
    feeBps: uint(16).max(1000),
    /** Last unix second at which these terms may be funded. */
    fundBy: uintText(64),
    /** Last unix second at which the job may start. */
    startBy: uintText(64),
    /** 0G Merkle root of the decision record. */
    decisionRoot: bytes32,
    /** keccak256 of the decision record's bytes. */
    decisionHash: bytes32,
    /** Bytes of the decision record. */
    decisionLength: uint(32).positive(),
    /** Salted pseudonym of the member; zero exactly when untracked. */
    memberTag: bytes32,
    tracked: z.boolean(),
    /** What the provider prices in, see `priceAssetKey`; zero is USD. */
    priceAsset: bytes32,
    /** USD price of one token in the quote, 8 decimals; zero for USD. */
    tokenPrice: uintText(128),
    /** The chat's ref, see `refKey`. */
    ref: bytes32,
    salt: bytes32,
  })
  .refine((terms) => terms.tracked === (terms.memberTag !== zeroHash), 'memberTag is set exactly when tracked')
  .refine(
    (terms) => (terms.tokenPrice === 0n) === (terms.priceAsset === zeroHash),
    'tokenPrice belongs to a priceAsset',
  )
  .refine((terms) => terms.minSeconds <= terms.maxSeconds, 'minSeconds above maxSeconds')
  .refine((terms) => terms.fundBy <= terms.startBy, 'startBy before fundBy')

export type Terms = z.output<typeof termsSchema>
/** Terms as they stand in JSON. */
export type TermsJson = z.input<typeof termsSchema>

/** Which router on which chain terms are for. */
export interface RouterRef {
  chainId: number
  router: Address
}

/** EIP-712 types of the terms; the order is the contract's. */
export const termsTypes = {
  Terms: [
    { name: 'refundTo', type: 'address' },
    { name: 'provider', type: 'bytes32' },
    { name: 'gpuCount', type: 'uint16' },
    { name: 'pricePerHour', type: 'uint64' },
    { name: 'maxSeconds', type: 'uint32' },
    { name: 'minSeconds', type: 'uint32' },
    { name: 'feeBps', type: 'uint16' },
    { name: 'fundBy', type: 'uint64' },
    { name: 'startBy', type: 'uint64' },
    { name: 'decisionRoot', type: 'bytes32' },
    { name: 'decisionHash', type: 'bytes32' },
    { name: 'decisionLength', type: 'uint32' },
    { name: 'memberTag', type: 'bytes32' },
    { name: 'tracked', type: 'bool' },
    { name: 'priceAsset', type: 'bytes32' },
    { name: 'tokenPrice', type: 'uint128' },
    { name: 'ref', type: 'bytes32' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const

/** The typed data of terms: its digest is the job's id, and what the quoter signs. */
export function termsTypedData({ terms, chainId, router }: { terms: Terms } & RouterRef) {
  return {
    domain: { name: 'ComputeRouter', version: '1', chainId, verifyingContract: router },
    types: termsTypes,
    primaryType: 'Terms',
    message: terms,
  } as const
}

/** The job's id on chain: equal to the router's `termsHash`, and the nonce of the payment. */
export function hashTerms(options: { terms: Terms } & RouterRef): Hex {
  return hashTypedData(termsTypedData(options))
}

/** Terms out of JSON; undefined when they are none. */
export function parseTerms(json: unknown): Terms | undefined {
  const result = termsSchema.safeParse(json)
  return result.success ? result.data : undefined
}

/** Terms as JSON. */
export const termsToJson = (terms: Terms): TermsJson => z.encode(termsSchema, terms)

/** A provider's id in the registry: keccak256 of its id in the market ("akash", or a listing's id). */
export const providerKey = (providerId: string): Hex => keccak256(stringToHex(providerId))

/** What terms name as price asset: zero for USD, otherwise keccak256 of the token's symbol. */
export const priceAssetKey = (symbol: string): Hex => (symbol === 'USD' ? zeroHash : keccak256(stringToHex(symbol)))

/** A job's ref on chain: its ASCII letters, padded right with zeros to 32 bytes. */
export const refKey = (ref: string): Hex => stringToHex(ref, { size: 32 })
