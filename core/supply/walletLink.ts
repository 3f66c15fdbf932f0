// A person's payout wallet, proven by its own signature; what is asked of it, and what is to replace it.
import { z } from 'zod'
import { address, instantMs } from '../codecs.ts'
import type { CollectionDefinition } from '../store/store.ts'
import { memberKey } from '../teams/team.ts'

const personSchema = z.strictObject({ platform: z.string(), userId: z.string(), label: z.string() })
export type LinkPerson = z.output<typeof personSchema>

/** A link is good for this long: enough to open a wallet, too short to lie around. */
export const LINK_MS = 10 * 60_000
/** A code has six digits, so five guesses hit it once in 200,000 links. */
export const MAX_WRONG_CODES = 5
/** From asking for another wallet until it is paid: time to notice that somebody else asked. */
export const CHANGE_WAIT_MS = 48 * 3_600_000

/** One link, made in a chat and opened in the wallet's browser. Its id is the capability in the address. */
const linkRequestSchema = z.strictObject({
  person: personSchema,
  /** Shown in the chat, typed on the page: who has only the link cannot use it. */
  code: z.string(),
  wrongCodes: z.int().nonnegative(),
  nonce: z.string(),
  createdAtMs: instantMs,
  expiresAtMs: instantMs,
  /** The wallet that a listing already names; another one is refused. */
  expected: address.optional(),
  /** open → (a signature) proved → (taken over into the person's link) done; void: replaced, or guessed at too often. */
  state: z.enum(['open', 'proved', 'done', 'void']),
  wallet: address.optional(),
  provedAtMs: instantMs.optional(),
})
export type LinkRequest = z.output<typeof linkRequestSchema>

export const walletLinkRequests: CollectionDefinition<LinkRequest> = {
  name: 'walletLinkRequests',
  schema: linkRequestSchema,
  indexes: { person: ({ person }) => [memberKey(person)] },
}

const walletChangeSchema = z.strictObject({
  id: z.string(),
  /** The link that asked for it; on its page the old wallet can agree. */
  requestId: z.string(),
  from: address,
  to: address,
  /** What the old wallet signs to agree; good for this change alone. */
  nonce: z.string(),
  requestedAtMs: instantMs,
  /** Not before then, unless the old wallet agrees. */
  readyAtMs: instantMs,
  /** waiting → applying → done. waiting → (the old wallet) agreed → done. waiting → stopping → stopped. */
  state: z.enum(['waiting', 'applying', 'agreed', 'stopping', 'done', 'stopped']),
  /** Who stopped it, `<platform>:<user id>`. */
  stoppedBy: z.string().optional(),
  endedAtMs: instantMs.optional(),
})
export type WalletChange = z.output<typeof walletChangeSchema>

/** By `<platform>:<user id>`: one person, one wallet. */
const walletLinkSchema = z.strictObject({
  person: personSchema,
  wallet: z.strictObject({ address, linkedAtMs: instantMs }).optional(),
  /** The latest change, kept after its end so that the end can be told. */
  change: walletChangeSchema.optional(),
  /** The latest proof taken over, so that each counts once and an older one never undoes a newer. */
  lastProof: z.strictObject({ requestId: z.string(), atMs: instantMs }).optional(),
})
export type WalletLink = z.output<typeof walletLinkSchema>

export const walletLinks: CollectionDefinition<WalletLink> = {
  name: 'walletLinks',
  schema: walletLinkSchema,
  indexes: {},
}

/** The change that has not ended, if any. */
export const openChange = (link: WalletLink | undefined): WalletChange | undefined =>
  link?.change && link.change.state !== 'done' && link.change.state !== 'stopped' ? link.change : undefined
