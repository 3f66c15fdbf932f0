// Sends stored authorizations from the relay key: simulated first, one in flight per job, refused ones handed back.
import { keccak256, stringToHex } from 'viem'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type KeeperContext, LOOK_AGAIN_MS, outcomeOf } from './keeper.ts'

// What people can do about a refusal of the contract or the token; anything else is told by its code.
const REASONS: Readonly<Record<string, string>> = {
  QuoteExpired: 'the quote had run out',
  ProviderNotLive: 'the seller was taken off the registry',
  EnforcedPause: 'the escrow is paused',
  PriceOutOfBounds: 'USDC is not near one dollar now',
  DepositShort: 'the deposit did not arrive whole',
  'ERC20: transfer amount exceeds balance': 'the wallet holds too little USDC',
  'FiatTokenV2: authorization is used or canceled': 'this authorization was used or cancelled before',
  'FiatTokenV2: authorization is expired': 'the authorization had expired',
  'FiatTokenV2: invalid signature': 'the signature is not the wallet’s',
}

const PAID_LOOK_MS = 30_000

/** Why an authorization could not be used, in words. */
function reasonOf(failure: { code: string; text: string } | undefined): string {
  const known = Object.entries(REASONS).find(([key]) => failure?.code === key || failure?.text.includes(key))
  return known?.[1] ?? `the escrow refused it (${failure?.code ?? 'unknown'})`
}

/**
 * The id of the transaction that uses this authorization. When it came is part of it: a wallet that signs the same terms
 * again gives the same bytes, and somebody who has filled it meanwhile must not meet the old refusal.
 */
export const fundIntentId = ({ ref, authorization }: Pick<Job, 'ref' | 'authorization'>): string => {
  const used = stringToHex(`${authorization?.receivedAtMs} ${authorization?.signature}`)
  return `${ref}:fund:${keccak256(used).slice(2, 18)}`
}

/** One paying job: send, or take note of the refusal. Whether it is funded, the chain's event says. */
export async function fundJob(keeper: KeeperContext, doc: Stored<Job>): Promise<number | undefined> {
  const { terms, quoteSignature, authorization } = doc.value
  if (!terms || !quoteSignature || !authorization) return undefined
  const id = fundIntentId(doc.value)
  await keeper.relay.submit({
    id,
    to: keeper.router,
    data: encodeRouterCall({ verb: 'fundWithAuthorization', terms, quoteSignature, authorization }),
  })
  const intent = await outcomeOf(keeper, id)
  // These terms are paid already, by whatever way; the chain's event moves the job on.
  if (intent?.failure?.code === 'JobExists') return PAID_LOOK_MS
  if (intent?.state !== 'failed') return LOOK_AGAIN_MS
  await updateDocument({
    collection: keeper.context.jobs,
    id: doc.id,
    change: (job) =>
      fundIntentId(job) === id
        ? transition(job, 'decline', {
            authorization: undefined,
            trouble: {
              code: 'payment-refused',
              text: `the payment was refused: ${reasonOf(intent.failure)}. No money moved. Open the payment page to sign again.`,
            },
          })
        : undefined,
  })
  return undefined
}
