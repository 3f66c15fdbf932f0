// The payer's authorization: checked against the issued terms before anything is stored or sent.
import { type Hex, verifyTypedData } from 'viem'
import { z } from 'zod'
import { address, bytes32, hexBytes, integerText } from '../codecs.ts'
import { authorizationTypedData } from '../escrow/authorization.ts'
import type { UsdcDomain } from '../escrow/usdc.ts'
import { updateDocument } from '../store/updateDocument.ts'
import type { JobsContext } from './context.ts'
import { findByLink, payRefusal, type Refusal, refusal } from './issueTerms.ts'
import type { Job } from './job.ts'
import { relayState } from './relayDay.ts'
import { readRefundAddress, signTerms } from './signTerms.ts'
import { transition } from './transitions.ts'

/** What the pay page sends back: the signature and everything it was made over, so that each can be compared. */
export const authorizationInput = z.strictObject({
  jobId: bytes32,
  /** Of the terms that were signed, which with the quote makes all of them. */
  refundTo: address,
  chainId: z.int(),
  from: address,
  value: integerText,
  validAfter: integerText,
  validBefore: integerText,
  signature: hexBytes,
})
export type AuthorizationInput = z.output<typeof authorizationInput>

const RELAY_SPENT = refusal(
  'relay-spent',
  'The gas that we pay for others is used up until 00:00 UTC. Your signature was not kept and no money moved. Pay with your own gas instead, on this page.',
)

/** Whether a smart wallet at `from` accepts the signature (ERC-1271), asked on chain; a plain wallet is checked here. */
export type ContractSignatureCheck = (options: {
  from: Hex
  digestOf: ReturnType<typeof authorizationTypedData>
  signature: Hex
}) => Promise<boolean>

/** Stores a valid authorization and moves the job to 'paying'; the relay sends it from there. */
export async function acceptAuthorization(options: {
  context: JobsContext
  domain: UsdcDomain
  linkToken: string
  input: AuthorizationInput
  checkContractSignature?: ContractSignatureCheck
}): Promise<{ ok: true; job: Job } | Refusal> {
  const { context, domain, linkToken, input, checkContractSignature } = options
  const { clock, escrow } = context
  const job = await findByLink(context, linkToken)
  if (!job) return refusal('unknown-link', 'There is no such payment link.')
  const refused = payRefusal(job, clock.now())
  if (refused) return refused
  if ((await relayState(context)) === 'spent') return RELAY_SPENT
  if (!job.terms)
    return refusal(
      'altered-terms',
      'No terms were signed for this job yet. No money moved. Give a refund address first.',
    )
  // Terms for any address are good, whoever asked for others meanwhile: whoever signed these has chosen them.
  const read = readRefundAddress(context, input.refundTo)
  const issued =
    'address' in read && (await signTerms({ place: context, job, refundTo: read.address, salt: job.terms.salt }))
  if (!issued || input.jobId !== issued.jobId) {
    return refusal(
      'altered-terms',
      'These are not terms that were issued for this job. No money moved. Reload the page and sign again.',
    )
  }
  if (input.chainId !== escrow.chainId) {
    return refusal(
      'wrong-chain',
      `Your wallet signed for chain ${input.chainId}, this payment is on chain ${escrow.chainId}. No money moved. Switch the network and sign again.`,
    )
  }
  const { from, validAfter, validBefore, signature } = input
  const typedData = authorizationTypedData({
    domain,
    router: escrow.router,
    terms: issued.terms,
    from,
    validAfter,
    validBefore,
  })
  if (input.value !== typedData.message.value) {
    return refusal(
      'wrong-amount',
      'The amount signed is not the amount of the terms. No money moved. Reload the page and sign again.',
    )
  }
  const nowSeconds = BigInt(Math.floor(clock.now() / 1000))
  if (validBefore <= nowSeconds || validAfter >= nowSeconds) {
    return refusal('bad-authorization', 'This authorization is not valid now. No money moved. Sign again.')
  }
  const valid =
    (await verifyTypedData({ address: from, ...typedData, signature }).catch(() => false)) ||
    (await checkContractSignature?.({ from, digestOf: typedData, signature }))
  if (!valid) {
    return refusal(
      'bad-authorization',
      'The signature does not fit the terms and the wallet it names. No money moved. Sign again.',
    )
  }
  const stored = await updateDocument({
    collection: context.jobs,
    id: job.ref,
    change: (now) =>
      payRefusal(now, clock.now())
        ? undefined
        : transition(now, 'authorize', {
            ...issued,
            authorization: { from, validAfter, validBefore, signature, receivedAtMs: clock.now() },
            trouble: undefined,
          }),
  })
  if (stored) return { ok: true, job: stored.value }
  const now = await findByLink(context, linkToken)
  return (
    (now && payRefusal(now, clock.now())) ??
    refusal('not-payable', 'This job changed a moment ago. No money moved. Reload the page.')
  )
}
