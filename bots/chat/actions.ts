// What a button does: an opaque token in the message, everything else in the store, checked again on every press.
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { instantMs } from '../../core/codecs.ts'
import { createLinkToken, type RandomBytes, randomBytes } from '../../core/ids.ts'
import type { Collection, CollectionDefinition } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { commandOf } from './commandButton.ts'
import { type Place, type Platform, type Principal, platform } from './inbound.ts'

/** Who may press. A role is looked up at the press, so that one taken away counts at once. */
const allowed = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), platform, userId: z.string() }),
  z.strictObject({ kind: z.literal('role'), role: z.string() }),
  z.strictObject({ kind: z.literal('anyone') }),
])

const actionSchema = z.strictObject({
  action: z.string(),
  /** What it is about, a job ref or a listing id: all its tokens can be removed together. */
  subject: z.string(),
  data: z.record(z.string(), z.json()),
  allowed,
  platform,
  chatId: z.string(),
  expiresAtMs: instantMs,
  /** May be pressed again until it expires, such as one that opens a form which may be closed unsent. */
  isReusable: z.boolean().optional(),
  usedAtMs: instantMs.optional(),
  /** The event that used it, so that a press handled a second time after a crash is still the same press. */
  usedBy: z.string().optional(),
})
export type Action = z.output<typeof actionSchema>

export const actionTokens: CollectionDefinition<Action> = {
  name: 'actionTokens',
  schema: actionSchema,
  indexes: { subject: (action) => [action.subject] },
}

export type Refusal = 'unknown' | 'elsewhere' | 'not-yours' | 'expired' | 'used'

/** What a person is told when a press does nothing. */
export const REFUSAL_TEXTS: Readonly<Record<Refusal, string>> = {
  unknown: 'This button is no longer in use. Send the command again.',
  elsewhere: 'This button belongs to another chat.',
  'not-yours': 'This button is not yours to press.',
  expired: 'This button has expired. Send the command again for a fresh one.',
  used: 'This was handled already.',
}

/** `a1:`, or `f1:` when the press opens a form, and 22 base64url characters (128 bits): 25 bytes, within Telegram's 64 and Discord's 100. */
const TOKEN = /^[af]1:[A-Za-z0-9_-]{22}$/
export const isActionToken = (text: string): boolean => TOKEN.test(text)

/** Whether a press can be one of ours. */
export const isButtonToken = (text: string): boolean => isActionToken(text) || commandOf(text) !== undefined

/** Whether the press must be answered with a form; Discord takes one only as the first answer. */
export const opensForm = (token: string): boolean => token.startsWith('f1:')

export interface Actions {
  /** A token for one press. `opensForm`: the press will be answered with `ChatPort.askForm`. */
  issue(
    action: Omit<Action, 'platform' | 'chatId' | 'usedAtMs' | 'usedBy'> & { place: Place; opensForm?: boolean },
  ): Promise<string>
  /** Uses the token up for this event (`key` of the inbound), or says why not. */
  take(press: {
    token: string
    key: string
    principal: Principal
    place: Place
  }): Promise<{ ok: true; action: Action } | { ok: false; why: Refusal }>
  /** A chat has another id now: its buttons go with it. */
  moveChat(move: { platform: Platform; fromChatId: string; toChatId: string }): Promise<void>
  /** Deletes all tokens of a job or listing, used ones too: nobody's id stays behind. */
  removeFor(subject: string): Promise<void>
  /** Deletes tokens that expired more than a day ago; until then a press is told that it came too late. */
  sweep(): Promise<void>
}

const KEPT_AFTER_EXPIRY_MS = 24 * 3_600_000

/** The buttons of every chat, over one collection (`actionTokens`). */
export function createActions(options: {
  collection: Collection<Action>
  clock: Clock
  /** Whether the person holds the role in this place now. */
  holdsRole(query: { principal: Principal; place: Place; role: string }): Promise<boolean>
  random?: RandomBytes
}): Actions {
  const { collection, clock, holdsRole, random = randomBytes } = options

  async function mayPress(action: Action, principal: Principal, place: Place): Promise<boolean> {
    if (principal.kind !== 'user') return false
    if (action.allowed.kind === 'anyone') return true
    if (action.allowed.kind === 'role') return holdsRole({ principal, place, role: action.allowed.role })
    return action.allowed.platform === principal.platform && action.allowed.userId === principal.userId
  }

  async function removeAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      // A press may change the document meanwhile, so removing is repeated until it is gone.
      for (let doc = await collection.get(id); doc; doc = await collection.get(id)) await collection.remove(doc)
    }
  }

  return {
    async issue({ place, opensForm: isOpener = false, ...action }) {
      const token = `${isOpener ? 'f1' : 'a1'}:${createLinkToken(random)}`
      await collection.insert(token, { ...action, platform: place.platform, chatId: place.chatId })
      return token
    },
    async take({ token, key, principal, place }) {
      const doc = isActionToken(token) ? await collection.get(token) : undefined
      if (!doc) return { ok: false, why: 'unknown' }
      const action = doc.value
      if (action.platform !== place.platform || action.chatId !== place.chatId) return { ok: false, why: 'elsewhere' }
      if (!(await mayPress(action, principal, place))) return { ok: false, why: 'not-yours' }
      if (action.usedBy === key) return { ok: true, action }
      if (action.usedBy !== undefined) return { ok: false, why: 'used' }
      const nowMs = clock.now()
      if (nowMs >= action.expiresAtMs) return { ok: false, why: 'expired' }
      if (action.isReusable) return { ok: true, action }
      const used = await collection.put(doc, { ...action, usedAtMs: nowMs, usedBy: key })
      return used ? { ok: true, action: used.value } : { ok: false, why: 'used' }
    },
    async moveChat({ platform: where, fromChatId, toChatId }) {
      for (const { id } of await collection.list()) {
        await updateDocument({
          collection,
          id,
          change: (action) =>
            action.platform === where && action.chatId === fromChatId ? { ...action, chatId: toChatId } : undefined,
        })
      }
    },
    removeFor: async (subject) =>
      removeAll((await collection.list({ index: 'subject', key: subject })).map((d) => d.id)),
    async sweep() {
      const limitMs = clock.now() - KEPT_AFTER_EXPIRY_MS
      const old = (await collection.list()).filter((doc) => doc.value.expiresAtMs < limitMs)
      await removeAll(old.map((doc) => doc.id))
    },
  }
}
