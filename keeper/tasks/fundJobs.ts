// Sends stored authorizations from the relay key: simulated first, one in flight per job, refused ones handed back.
import { keccak256, stringToHex } from 'viem'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Intent } from '../tx/intent.ts'
import { type KeeperContext, LOOK_AGAIN_MS } from './keeper.ts'
import { askRelay } from './relayBudget.ts'
import { newestAttempt, submitAgain } from './submitAgain.ts'

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

/** The contract's name for terms that are funded already. */
const PAID = 'JobExists'
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
  const before = (await newestAttempt(keeper, id))?.intent
  // These terms were paid by whatever way when it was tried; the chain's event moves the job on. But a block that is not
  // final can still go, and with it that payment: then the authorization is needed after all.
  const wasPaid = before?.failure?.code === PAID
  if (wasPaid && doc.value.paymentTx?.seenIn) return PAID_LOOK_MS
  // Asked and stored before the next one asks: a stored transaction is the reservation of its gas.
  const turn = await keeper.turns.run('relay', async () => {
    const turn = before === undefined || wasPaid ? await askRelay(keeper) : 'go'
    if (turn !== 'go' || (before?.state === 'failed' && !wasPaid)) return turn
    const data = encodeRouterCall({ verb: 'fundWithAuthorization', terms, quoteSignature, authorization })
    await submitAgain({ keeper, sender: keeper.relay, call: { id, to: keeper.router, data } })
    return turn
  })
  if (turn === 'wait') return LOOK_AGAIN_MS
  if (turn === 'spent' && wasPaid) return PAID_LOOK_MS
  if (turn === 'spent') {
    return handBack(keeper, doc.id, id, {
      code: 'relay-spent',
      text: 'the gas that we pay for others is used up until 00:00 UTC. No money moved. On the payment page your wallet can pay with its own gas.',
    })
  }
  const intent = (await newestAttempt(keeper, id))?.intent
  if (intent?.failure?.code === PAID) return PAID_LOOK_MS
  if (intent?.state !== 'failed') {
    await tellSent(keeper, doc.id, intent)
    return LOOK_AGAIN_MS
  }
  return handBack(keeper, doc.id, id, {
    code: 'payment-refused',
    text: `the payment was refused: ${reasonOf(intent.failure)}. No money moved. Open the payment page to sign again.`,
  })
}

/** The payer may sign again; what came in meanwhile stays. */
async function handBack(
  { context }: KeeperContext,
  ref: string,
  id: string,
  trouble: NonNullable<Job['trouble']>,
): Promise<undefined> {
  await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (job) =>
      fundIntentId(job) === id
        ? transition(job, 'decline', { authorization: undefined, paymentTx: undefined, trouble })
        : undefined,
  })
}

/** Whoever waits sees that the relay has sent it; what was seen in a block says more and stays. */
async function tellSent({ context }: KeeperContext, ref: string, intent: Intent | undefined): Promise<void> {
  const txHash = intent?.state === 'planned' || intent?.state === 'signed' ? undefined : intent?.versions.at(-1)?.hash
  if (txHash === undefined) return
  await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (job) =>
      job.state !== 'paying' || job.paymentTx?.seenIn || job.paymentTx?.txHash === txHash
        ? undefined
        : { ...job, paymentTx: { txHash } },
  })
}
