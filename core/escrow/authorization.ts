// The payer's one signature: an EIP-3009 authorization whose nonce is the hash of the terms, so it pays for nothing else.
import type { Address, Hex } from 'viem'
import { depositOf } from './metering.ts'
import { hashTerms, type Terms } from './terms.ts'
import type { UsdcDomain } from './usdc.ts'

/** EIP-712 types of FiatTokenV2's receiveWithAuthorization. */
const authorizationTypes = {
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/** A signed authorization as the relay sends it. `validAfter < block time < validBefore`, unix seconds. */
export interface Authorization {
  from: Address
  validAfter: bigint
  validBefore: bigint
  signature: Hex
}

/** The typed data that the payer's wallet signs to fund `terms` on `router`. */
export function authorizationTypedData(options: {
  domain: UsdcDomain
  router: Address
  terms: Terms
  from: Address
  validAfter: bigint
  validBefore: bigint
}) {
  const { domain, router, terms, from, validAfter, validBefore } = options
  return {
    domain,
    types: authorizationTypes,
    primaryType: 'ReceiveWithAuthorization',
    message: {
      from,
      to: router,
      value: depositOf(terms),
      validAfter,
      validBefore,
      nonce: hashTerms({ terms, chainId: domain.chainId, router }),
    },
  } as const
}

// A signature is a bearer instrument, so it should not outlive the quote by much; block times may lag a little.
const LAG_SECONDS = 60n

/** From ever until shortly after the quote ends, but one hour at most. */
export function authorizationWindow(terms: Terms, nowMs: number): { validAfter: bigint; validBefore: bigint } {
  const inOneHour = BigInt(Math.floor(nowMs / 1000)) + 3600n
  const afterQuote = terms.fundBy + LAG_SECONDS
  return { validAfter: 0n, validBefore: afterQuote < inOneHour ? afterQuote : inOneHour }
}
