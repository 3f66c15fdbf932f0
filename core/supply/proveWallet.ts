// A wallet's proof: the message it signs, the check of its signature, and what follows from it, each exactly once.
import { type Address, getAddress, type Hex, isAddress, isAddressEqual, verifyMessage, zeroAddress } from 'viem'
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { createRef, type RandomBytes } from '../ids.ts'
import type { Collection } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { memberKey } from '../teams/team.ts'
import { type LinkSite, type LinkSubject, linkMessage, readLinkMessage } from './linkMessage.ts'
import { createNonce, type LinkRefusal, linkRefusal, linkRefusalOf, tryCode } from './linkRequest.ts'
import type { Listing } from './listing.ts'
import { CHANGE_WAIT_MS, type LinkRequest, openChange, type WalletChange, type WalletLink } from './walletLink.ts'

export interface LinkContext {
  readonly walletLinks: Collection<WalletLink>
  readonly walletLinkRequests: Collection<LinkRequest>
  readonly listings: Collection<Listing>
  readonly clock: Clock
  readonly random: RandomBytes
}

/** Whether a smart wallet at `address` signed the message (ERC-1271, ERC-6492), asked on chain; a plain wallet is checked here. */
export type MessageSignatureCheck = (options: { address: Address; message: string; signature: Hex }) => Promise<boolean>

/** 'agree': the old wallet, the only one that is paid, lets a change happen at once. It needs no code: who owns that wallet owns the earnings. */
export type LinkPurpose = 'link' | 'agree'

interface Prepared {
  readonly ok: true
  readonly subject: LinkSubject
  readonly expected: Address | undefined
}

/** What is to be signed on this link now, or why nothing can be. A wrong code is counted. */
async function prepare(options: {
  context: LinkContext
  id: string
  purpose: LinkPurpose
  code: string
}): Promise<Prepared | LinkRefusal> {
  const { context, id, purpose, code } = options
  const { walletLinkRequests: requests, walletLinks: links, listings, clock } = context
  const nowMs = clock.now()
  const request = (await requests.get(id))?.value
  if (!request) return linkRefusal('unknown-link', 'There is no such link.')
  const link = (await links.get(memberKey(request.person)))?.value
  const change = openChange(link)
  if (purpose === 'agree') {
    if (change?.requestId !== id || change.state !== 'waiting')
      return linkRefusal('used', 'There is no change here that waits. Send /wallet in the chat to see what is linked.')
    const { nonce, from, to, requestedAtMs } = change
    const own = await listings.list({ index: 'seller', key: memberKey(request.person) })
    const isOthers = ({ payout }: Listing) => payout !== undefined && payout !== from && payout !== to
    if (own.some(({ value }) => isPromised(value) && isOthers(value)))
      return linkRefusal(
        'change-waits',
        'Your listings are paid to different wallets, and one of them cannot agree for the others. Nothing was changed. The change takes effect by itself once the wait is over.',
      )
    const subject = { person: request.person, requestId: id, nonce, to, fromMs: requestedAtMs, untilMs: Infinity }
    return { ok: true, subject, expected: from }
  }
  const refused = await tryCode({ requests, id, code, nowMs })
  if (refused) return refused
  if (change) return linkRefusal('change-waits', CHANGE_WAITS)
  const { person, nonce, createdAtMs, expiresAtMs, expected } = request
  return {
    ok: true,
    subject: { person, requestId: id, nonce, fromMs: createdAtMs, untilMs: expiresAtMs },
    expected,
  }
}

const CHANGE_WAITS =
  'Another change of the wallet is under way already. Nothing was linked. Send /wallet in the chat to see it, or /wallet cancel to stop it.'

const wrongAccount = (expected: Address, purpose: LinkPurpose) =>
  linkRefusal(
    'wrong-account',
    `${purpose === 'agree' ? 'Only the wallet that is paid now can agree' : 'Your listing names another wallet'}: ${expected}. Nothing was changed. Switch the account in your wallet and try again.`,
  )

/** The message for this wallet to sign. Nothing is stored but a wrong code. */
export async function askForProof(options: {
  context: LinkContext
  site: LinkSite
  id: string
  purpose: LinkPurpose
  code: string
  address: string
}): Promise<{ ok: true; message: string; address: Address } | LinkRefusal> {
  const { context, site, purpose } = options
  const prepared = await prepare(options)
  if (!prepared.ok) return prepared
  // Wallets give addresses in lower case; the message carries the checksum.
  const address = isAddress(options.address, { strict: false }) ? getAddress(options.address) : zeroAddress
  if (address === zeroAddress) return linkRefusal('bad-address', 'The wallet gave no address. Nothing was changed.')
  const { subject, expected } = prepared
  if (expected && !isAddressEqual(expected, address)) return wrongAccount(expected, purpose)
  return { ok: true, address, message: linkMessage({ site, subject, address, issuedAtMs: context.clock.now() }) }
}

/** linked: paid from now on. waiting: from `change.readyAtMs` on. agreed: as soon as the chain has it. */
export type ProofOutcome =
  | { readonly ok: true; readonly outcome: 'linked'; readonly wallet: Address }
  | { readonly ok: true; readonly outcome: 'waiting' | 'agreed'; readonly change: WalletChange }

/** Takes a signed message: checks all of it, uses the link up, and links the wallet or begins its change. */
export async function acceptProof(options: {
  context: LinkContext
  site: LinkSite
  id: string
  purpose: LinkPurpose
  code: string
  message: string
  signature: Hex
  checkSignature?: MessageSignatureCheck | undefined
}): Promise<ProofOutcome | LinkRefusal> {
  const { context, site, id, purpose, message, signature, checkSignature } = options
  const prepared = await prepare(options)
  if (!prepared.ok) return prepared
  const { subject, expected } = prepared
  const address = readLinkMessage({ site, subject, message, nowMs: context.clock.now() })
  if (!address)
    return linkRefusal(
      'altered-message',
      'This is not the message that this page asks for, or it is too old. Nothing was changed. Reload the page and sign again.',
    )
  if (expected && !isAddressEqual(expected, address)) return wrongAccount(expected, purpose)
  const signed = { address, message, signature }
  const isSigned =
    (await verifyMessage(signed).catch(() => false)) ||
    (await checkSignature?.(signed).catch((error: unknown) => {
      if (error instanceof NectoError && error.retry === 'later') return 'unasked' as const
      throw error
    }))
  if (isSigned === 'unasked')
    return linkRefusal(
      'chain-silent',
      'The chain could not be asked whether this signature is the wallet’s. Nothing was changed. Try again in a minute.',
    )
  if (!isSigned)
    return linkRefusal(
      'bad-signature',
      'The signature is not of the wallet that the message names. Nothing was changed. Sign again.',
    )
  return purpose === 'agree' ? agree(context, id, subject) : link(context, id, address)
}

async function link(context: LinkContext, id: string, wallet: Address): Promise<ProofOutcome | LinkRefusal> {
  const { walletLinkRequests: requests, walletLinks: links, clock } = context
  const nowMs = clock.now()
  let refused: LinkRefusal | undefined
  // Used up here, in one write: the same signature sent twice links once.
  const proved = await updateDocument({
    collection: requests,
    id,
    change: (request) => {
      refused = linkRefusalOf(request, nowMs)
      return refused ? undefined : { ...request, state: 'proved' as const, wallet, provedAtMs: nowMs }
    },
  })
  if (!proved) return refused ?? linkRefusal('unknown-link', 'There is no such link.')
  await takeProof(context, id, proved.value)
  const now = (await links.get(memberKey(proved.value.person)))?.value
  const change = openChange(now)
  if (change?.requestId === id) return { ok: true, outcome: 'waiting', change }
  return now?.wallet?.address === wallet
    ? { ok: true, outcome: 'linked', wallet }
    : linkRefusal('change-waits', CHANGE_WAITS)
}

/** What a proof leads to; the work on a request that is proved, after a crash too. Doing it again changes nothing. */
export async function takeProof(context: LinkContext, id: string, request: LinkRequest): Promise<void> {
  const { walletLinks: links, walletLinkRequests: requests, listings, random } = context
  const { person, wallet, provedAtMs } = request
  if (!wallet || provedAtMs === undefined) return
  const key = memberKey(person)
  const own = (await listings.list({ index: 'seller', key })).map((doc) => doc.value)
  const fresh = { id: createRef(random), nonce: createNonce(random) }
  if (!(await links.get(key))) await links.insert(key, { person })
  await updateDocument({
    collection: links,
    id: key,
    change: (link) => {
      const { lastProof } = link
      if (lastProof && (lastProof.requestId === id || lastProof.atMs > provedAtMs)) return undefined
      const taken: WalletLink = { ...link, person, lastProof: { requestId: id, atMs: provedAtMs } }
      if (openChange(link)) return taken
      const others = own.filter((listing) => isPromised(listing) && listing.payout !== wallet)
      const from = link.wallet?.address ?? others[0]?.payout
      if (others.length === 0 || !from) return { ...taken, wallet: { address: wallet, linkedAtMs: provedAtMs } }
      const change: WalletChange = {
        ...fresh,
        requestId: id,
        from,
        to: wallet,
        requestedAtMs: provedAtMs,
        readyAtMs: provedAtMs + CHANGE_WAIT_MS,
        state: 'waiting',
      }
      return { ...taken, change }
    },
  })
  await updateDocument({
    collection: requests,
    id,
    change: (now) => (now.state === 'proved' ? { ...now, state: 'done' as const } : undefined),
  })
}

/** Whether somebody relies on who is paid for it: an admin was asked with that wallet, or it is on chain. */
const isPromised = ({ state, provenAtMs }: Listing): boolean =>
  state === 'approved' || state === 'live' || (state === 'submitted' && provenAtMs !== undefined)

async function agree(context: LinkContext, id: string, subject: LinkSubject): Promise<ProofOutcome | LinkRefusal> {
  const stored = await updateDocument({
    collection: context.walletLinks,
    id: memberKey(subject.person),
    change: (link) =>
      link.change?.requestId === id && link.change.nonce === subject.nonce && link.change.state === 'waiting'
        ? { ...link, change: { ...link.change, state: 'agreed' as const } }
        : undefined,
  })
  return stored?.value.change
    ? { ok: true, outcome: 'agreed', change: stored.value.change }
    : linkRefusal('used', 'This change has gone on since. Send /wallet in the chat to see what is linked.')
}

/** Stops a change that still waits; undefined: too late, or there is none. */
export async function stopChange(options: {
  walletLinks: Collection<WalletLink>
  person: string
  changeId: string
  stoppedBy: string
}): Promise<WalletChange | undefined> {
  const { walletLinks: links, person, changeId, stoppedBy } = options
  const stored = await updateDocument({
    collection: links,
    id: person,
    change: (link) =>
      link.change?.id === changeId && link.change.state === 'waiting'
        ? { ...link, change: { ...link.change, state: 'stopping' as const, stoppedBy } }
        : undefined,
  })
  return stored?.value.change
}

/** The linked wallet, but while a change may end at any moment: whoever waits for a wallet waits for that end. */
function steadyWallet(link: WalletLink | undefined, nowMs: number): Address | undefined {
  const change = openChange(link)
  const isEnding = change && !(change.state === 'waiting' && nowMs < change.readyAtMs)
  return isEnding ? undefined : link?.wallet?.address
}

/** A listing that waits for its seller's wallet, once that is linked: it is paid there, and admins may be asked. */
export async function proveListing(options: {
  walletLinks: Collection<WalletLink>
  listings: Collection<Listing>
  listing: Listing
  nowMs: number
}): Promise<Listing | undefined> {
  const { walletLinks: links, listings, listing, nowMs } = options
  const linked = async () => steadyWallet((await links.get(memberKey(listing.seller)))?.value, nowMs)
  const wallet = await linked()
  if (!wallet) return undefined
  const stored = await updateDocument({
    collection: listings,
    id: listing.id,
    change: (now) =>
      now.state === 'submitted' && now.provenAtMs === undefined && (!now.payout || isAddressEqual(now.payout, wallet))
        ? { ...now, payout: wallet, provenAtMs: nowMs }
        : undefined,
  })
  if (!stored || (await linked()) === wallet) return stored?.value
  // Another wallet was linked in between, and its change did not see this listing: it waits for that one again.
  await updateDocument({
    collection: listings,
    id: listing.id,
    change: ({ payout, provenAtMs, ...now }) =>
      now.state === 'submitted' && payout === wallet && provenAtMs === nowMs
        ? { ...now, ...(listing.payout && { payout: listing.payout }) }
        : undefined,
  })
  return undefined
}
