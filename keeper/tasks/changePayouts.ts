// Brings a seller's new wallet into the registry: announced, waited for, applied; stopped while that is possible.
import { type Address, zeroHash } from 'viem'
import { encodeRegistryCall } from '../../core/escrow/registryCall.ts'
import type { RegistryReads } from '../../core/escrow/registryReads.ts'
import { providerKey } from '../../core/escrow/terms.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { openChange, type WalletChange, type WalletLink } from '../../core/supply/walletLink.ts'
import { type KeeperContext, LOOK_AGAIN_MS } from './keeper.ts'
import { newestAttempt, submitAgain } from './submitAgain.ts'

// A clock may be set meanwhile, so even a long wait is looked at now and then.
const LONGEST_LOOK_MS = 600_000
const STUCK_MS = 60_000

export interface PayoutKeeper extends Pick<KeeperContext, 'context' | 'intents' | 'agent' | 'registry'> {
  readonly reads: RegistryReads
  chainNowSeconds(signal: AbortSignal): Promise<number>
}

/** One listing under one change; the ids of its transactions follow from both. */
interface Case {
  readonly keeper: PayoutKeeper
  readonly person: string
  readonly change: WalletChange
  readonly listing: Listing
  readonly signal: AbortSignal
}

type Effect = 'announce' | 'apply' | 'add' | 'stop'
const intentId = ({ listing, change }: Case, effect: Effect) => `${listing.id}:payout:${change.id}:${effect}`

/** One person's change of wallet, over all their listings; answers when to look again. */
export async function changePayouts(
  keeper: PayoutKeeper,
  doc: Stored<WalletLink>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const change = openChange(doc.value)
  if (!change) return undefined
  const own = await keeper.context.listings.list({ index: 'seller', key: doc.id })
  const waits: number[] = []
  for (const { value: listing } of own) {
    const one: Case = { keeper, person: doc.id, change, listing, signal }
    const wait = await (change.state === 'stopping' ? stopOne(one) : changeOne(one))
    if (wait !== undefined) waits.push(wait)
  }
  if (waits.length > 0) return Math.min(...waits)
  return change.state === 'stopping' ? end(keeper, doc.id, change, 'stopped') : finish(keeper, doc.id, change)
}

/** undefined: this listing pays the new wallet, or never will pay anybody. */
async function changeOne(one: Case): Promise<number | undefined> {
  const { keeper, change, listing } = one
  if (listing.state === 'rejected' || listing.payout === change.to) return undefined
  // Its entry is on the way into the registry with the old wallet.
  if (listing.state === 'approved') return LOOK_AGAIN_MS
  if (listing.state === 'live') return change.state === 'agreed' ? addAnew(one) : changeOnChain(one)
  // Not asked about yet: it waits for the wallet that it names.
  if (listing.provenAtMs === undefined) return undefined
  const waitMs = waitOf(change, keeper.context.clock.now())
  if (waitMs > 0) return waitMs
  if (!(await beginApplying(one))) return LOOK_AGAIN_MS
  // Approved in this very moment it goes into the registry with the old wallet, and is changed there.
  const isSet = await setPayout(one, (now) => (now.state === 'submitted' ? { ...now, payout: change.to } : undefined))
  return isSet ? undefined : LOOK_AGAIN_MS
}

const waitOf = ({ state, readyAtMs }: WalletChange, nowMs: number) =>
  state === 'waiting' ? Math.min(Math.max(0, readyAtMs - nowMs), LONGEST_LOOK_MS) : 0

/** Announce, let the registry's own delay pass, apply. Whoever else applies it first does what was wished. */
async function changeOnChain(one: Case): Promise<number | undefined> {
  const { keeper, change, listing, signal } = one
  const { reads, context } = keeper
  if (!(await attemptOf(one, 'announce'))) {
    // Applying is open to anybody, so the registry's delay must not end before the seller's wait.
    const announceAtMs = change.readyAtMs - (await reads.delaySeconds()) * 1000
    const earlyMs = change.state === 'waiting' ? announceAtMs - context.clock.now() : 0
    if (earlyMs > 0) return Math.min(earlyMs, LONGEST_LOOK_MS)
  }
  const announced = await send(one, 'announce', {
    verb: 'proposeChange',
    provider: listing.payee,
    payout: change.to,
    kind: 'direct',
    priceAsset: zeroHash,
  })
  if (announced !== 'final') return announced
  if (await isPaidOnChain(one)) return paidNow(one)
  if (!(await attemptOf(one, 'apply'))) {
    const waiting = await reads.announced(listing.payee)
    if (waiting?.payout !== change.to) {
      context.log.error({ msg: 'the registry does not hold the change that was announced', listing: listing.id })
      return STUCK_MS
    }
    const leftMs = (waiting.readyAtSeconds - (await keeper.chainNowSeconds(signal))) * 1000
    const waitMs = Math.max(leftMs, waitOf(change, context.clock.now()))
    if (waitMs > 0) return Math.min(waitMs, LONGEST_LOOK_MS)
    if (!(await beginApplying(one))) return LOOK_AGAIN_MS
  }
  const applied = await send(one, 'apply', { verb: 'applyChange', provider: listing.payee })
  if (applied !== 'final') return applied
  if (!(await isPaidOnChain(one))) return LOOK_AGAIN_MS
  return paidNow(one)
}

async function paidNow(one: Case): Promise<undefined> {
  await setPayout(one, (now) => ({ ...now, payout: one.change.to }))
}

/**
 * Both wallets signed, so nobody needs the registry's delay: the listing gets an entry of its own that pays the new one.
 * Quotes still out name the old entry, which pays the old wallet as they said.
 */
async function addAnew(one: Case): Promise<number | undefined> {
  const { change, listing } = one
  const payee = providerKey(`${listing.id}/${change.id}`)
  const added = await send(one, 'add', {
    verb: 'add',
    provider: payee,
    payout: change.to,
    kind: 'direct',
    priceAsset: zeroHash,
  })
  if (added !== 'final') return added
  await setPayout(one, (now) =>
    now.payee === payee
      ? undefined
      : { ...now, payout: change.to, payee, formerPayees: [...(now.formerPayees ?? []), now.payee] },
  )
  return undefined
}

/** undefined: nothing of the change is left in the registry for this listing. */
async function stopOne(one: Case): Promise<number | undefined> {
  const { keeper, change, listing } = one
  const announced = await attemptOf(one, 'announce')
  if (!announced || announced.state === 'failed') return undefined
  if (announced.state !== 'final') return LOOK_AGAIN_MS
  if (await isPaidOnChain(one)) {
    // Somebody applied it in the last moment: it is done, and the other listings follow.
    await changeState(one, 'stopping', 'applying')
    return LOOK_AGAIN_MS
  }
  const isStopping = (await attemptOf(one, 'stop')) !== undefined
  if (!isStopping && (await keeper.reads.announced(listing.payee))?.payout !== change.to) return undefined
  const stopped = await send(one, 'stop', { verb: 'cancelChange', provider: listing.payee })
  return stopped === 'final' ? undefined : stopped
}

const attemptOf = async (one: Case, effect: Effect) => (await newestAttempt(one.keeper, intentId(one, effect)))?.intent

/** Sends it, again after a refusal; 'final', or when to look again. */
async function send(
  one: Case,
  effect: Effect,
  call: Parameters<typeof encodeRegistryCall>[0],
): Promise<'final' | number> {
  const { keeper, listing } = one
  const attempt = await submitAgain({
    keeper,
    sender: keeper.agent,
    call: { id: intentId(one, effect), to: keeper.registry, data: encodeRegistryCall(call) },
  })
  if (attempt?.intent.state === 'final') return 'final'
  if (attempt?.againInMs === undefined) return LOOK_AGAIN_MS
  const failure = attempt.intent.failure?.code
  keeper.context.log.error({ msg: 'registry refused a payout change', listing: listing.id, effect, failure })
  return attempt.againInMs
}

async function isPaidOnChain({ keeper, listing, change }: Case): Promise<boolean> {
  const payout: Address | undefined = await keeper.reads.payout(listing.payee)
  return payout === change.to
}

/** From here on it cannot be stopped. False: it was stopped, or the old wallet agreed, a moment ago. */
async function beginApplying(one: Case): Promise<boolean> {
  if (one.change.state !== 'waiting') return true
  return changeState(one, 'waiting', 'applying')
}

async function changeState(one: Case, from: WalletChange['state'], to: WalletChange['state']): Promise<boolean> {
  const { keeper, person, change } = one
  const stored = await updateDocument({
    collection: keeper.context.walletLinks,
    id: person,
    change: (link) => {
      if (link.change?.id !== change.id) return undefined
      if (link.change.state === to) return link
      return link.change.state === from ? { ...link, change: { ...link.change, state: to } } : undefined
    },
  })
  return stored !== undefined
}

/** False: it stands as it was. */
async function setPayout({ keeper, listing }: Case, by: (now: Listing) => Listing | undefined): Promise<boolean> {
  return (await updateDocument({ collection: keeper.context.listings, id: listing.id, change: by })) !== undefined
}

/** Every listing pays the new wallet: it is the linked one now. */
async function finish(keeper: PayoutKeeper, person: string, change: WalletChange): Promise<number | undefined> {
  const waitMs = waitOf(change, keeper.context.clock.now())
  return waitMs > 0 ? waitMs : end(keeper, person, change, 'done')
}

async function end(
  keeper: PayoutKeeper,
  person: string,
  change: WalletChange,
  state: 'done' | 'stopped',
): Promise<undefined> {
  const endedAtMs = keeper.context.clock.now()
  await updateDocument({
    collection: keeper.context.walletLinks,
    id: person,
    change: (link) =>
      // Another word since (stopped, agreed) is another round.
      link.change?.id === change.id && link.change.state === change.state
        ? {
            ...link,
            ...(state === 'done' && { wallet: { address: change.to, linkedAtMs: endedAtMs } }),
            change: { ...link.change, state, endedAtMs },
          }
        : undefined,
  })
}
