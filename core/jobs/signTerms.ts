// The terms for a refund address: a function of the quote and the address, signed by the quoter. Stores nothing.
import { type Address, getAddress, type Hex, isAddress, isAddressEqual, zeroAddress, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { signQuote } from '../escrow/quoteSignature.ts'
import { hashTerms, priceAssetKey, refKey, type Terms } from '../escrow/terms.ts'
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'

export interface SignedTerms {
  readonly terms: Terms
  readonly quoteSignature: Hex
  /** The hash of the terms. */
  readonly jobId: Hex
}

type Place = Pick<JobsContext, 'escrow' | 'policy'>

/** The refund address in `text` with its checksum, or what is wrong with it. */
export function readRefundAddress({ escrow }: Place, text: string): { address: Address } | { why: string } {
  if (!isAddress(text) || getAddress(text) === zeroAddress) {
    return {
      why: 'This is no address on this chain: 0x and 40 hex digits, capitals as your wallet shows them. No money moved.',
    }
  }
  const address = getAddress(text)
  if ([escrow.router, escrow.usdc].some((contract) => isAddressEqual(contract, address))) {
    return {
      why: 'This is a contract of the payment itself: what goes back there is lost. Give a wallet of yours. No money moved.',
    }
  }
  return { address }
}

/**
 * The same quote, address and salt are the same terms, however often and by whomever they are asked for: so none has to
 * be kept for whoever asked, and nobody can use them up for another. undefined while nothing is sealed.
 */
export async function signTerms(options: {
  place: Place
  job: Job
  refundTo: Address
  /** Of the first terms that were signed for this quote. */
  salt: Hex
}): Promise<SignedTerms | undefined> {
  const { place, job, refundTo, salt } = options
  const { chainId, router, quoterKey } = place.escrow
  const { record, selection, quoteExpiresAtMs, ref } = job
  if (!record || !selection || !quoteExpiresAtMs) return undefined
  const fundBy = BigInt(Math.floor(quoteExpiresAtMs / 1000))
  const terms: Terms = {
    refundTo,
    provider: selection.payee,
    gpuCount: selection.gpuCount,
    pricePerHour: selection.usdPerHour,
    maxSeconds: selection.maxSeconds,
    minSeconds: selection.minSeconds,
    feeBps: selection.feeBps,
    fundBy,
    startBy: fundBy + BigInt(place.policy.startSeconds),
    decisionRoot: record.root,
    decisionHash: record.hash,
    decisionLength: record.length,
    memberTag: job.user?.memberTag ?? zeroHash,
    tracked: job.mode === 'tracked',
    priceAsset: priceAssetKey(selection.priceAsset ?? 'USD'),
    tokenPrice: selection.tokenPrice ?? 0n,
    ref: refKey(ref),
    salt,
  }
  const quoteSignature = await signQuote({ terms, chainId, router, quoter: privateKeyToAccount(quoterKey) })
  return { terms, quoteSignature, jobId: hashTerms({ terms, chainId, router }) }
}
