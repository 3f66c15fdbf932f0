// Links that ask for a payout wallet: made in the chat, opened once, by whoever can type the code.
import type { Address } from 'viem'
import { createLinkToken, createSalt, type RandomBytes } from '../ids.ts'
import type { Collection } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { memberKey } from '../teams/team.ts'
import { LINK_MS, type LinkPerson, type LinkRequest, MAX_WRONG_CODES } from './walletLink.ts'

/** Why a link or a signature was not taken; `why` is for the person. */
export interface LinkRefusal {
  readonly ok: false
  readonly code:
    | 'unknown-link'
    | 'expired'
    | 'used'
    | 'void-link'
    | 'wrong-code'
    | 'wrong-account'
    | 'change-waits'
    | 'altered-message'
    | 'bad-signature'
    | 'chain-silent'
    | 'bad-address'
  readonly why: string
}
export const linkRefusal = (code: LinkRefusal['code'], why: string): LinkRefusal => ({ ok: false, code, why })

/** The chat's command for a fresh link, said with each end of an old one. */
const AGAIN = 'Nothing was linked. Send /wallet in the chat for a new link.'

/** A nonce as EIP-4361 wants it, 128 bits from the platform's generator. */
export const createNonce = (random: RandomBytes): string => createSalt(random).slice(2, 34)

/** Makes a link for this person; the ones before it end, so that only the newest message in the chat counts. */
export async function requestLink(options: {
  requests: Collection<LinkRequest>
  person: LinkPerson
  expected?: Address | undefined
  nowMs: number
  random: RandomBytes
}): Promise<{ id: string; request: LinkRequest }> {
  const { requests, person, expected, nowMs, random } = options
  for (const { id } of await requests.list({ index: 'person', key: memberKey(person) }))
    await updateDocument({
      collection: requests,
      id,
      change: (old) => (old.state === 'open' ? { ...old, state: 'void' as const } : undefined),
    })
  const id = createLinkToken(random)
  const request: LinkRequest = {
    person,
    code: sixDigits(random),
    wrongCodes: 0,
    nonce: createNonce(random),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + LINK_MS,
    ...(expected && { expected }),
    state: 'open',
  }
  await requests.insert(id, request)
  return { id, request }
}

// 48 bits over a million: the first codes are likelier by less than one in a hundred million.
const sixDigits = (random: RandomBytes): string =>
  String(random(6).reduce((sum, byte) => sum * 256 + byte, 0) % 1_000_000).padStart(6, '0')

/** Why this link can do nothing now; undefined when it can. */
export function linkRefusalOf(request: LinkRequest, nowMs: number): LinkRefusal | undefined {
  if (request.state === 'proved' || request.state === 'done')
    return linkRefusal('used', 'This link was used already, and a link works once. Send /wallet to see what is linked.')
  if (request.state === 'void') {
    const guessed = request.wrongCodes >= MAX_WRONG_CODES
    return linkRefusal(
      'void-link',
      `${guessed ? 'The code was typed wrong five times, so this link is void.' : 'A newer link was made after this one, so this one is void.'} ${AGAIN}`,
    )
  }
  if (nowMs >= request.expiresAtMs)
    return linkRefusal('expired', `This link has expired: it is good for ten minutes. ${AGAIN}`)
  return undefined
}

/** Checks the code and counts a wrong one, in one write, so that guesses at the same time count each. undefined: right. */
export async function tryCode(options: {
  requests: Collection<LinkRequest>
  id: string
  code: string
  nowMs: number
}): Promise<LinkRefusal | undefined> {
  const { requests, id, nowMs } = options
  const code = options.code.replace(/\s/g, '')
  let refused: LinkRefusal | undefined = linkRefusal('unknown-link', 'There is no such link.')
  await updateDocument({
    collection: requests,
    id,
    change: (request) => {
      refused = linkRefusalOf(request, nowMs)
      if (refused || request.code === code) return undefined
      const wrongCodes = request.wrongCodes + 1
      const left = MAX_WRONG_CODES - wrongCodes
      refused = linkRefusal(
        'wrong-code',
        left > 0
          ? `This is not the code from the chat. Nothing was linked; ${left} ${left === 1 ? 'try is' : 'tries are'} left.`
          : `This is not the code from the chat, for the fifth time: the link is void now. ${AGAIN}`,
      )
      return { ...request, wrongCodes, ...(left === 0 && { state: 'void' as const }) }
    },
  })
  return refused
}

// Long enough that an answer about a used link is still to be had, and that the old wallet can agree on its page.
const KEPT_MS = 14 * 24 * 3_600_000

/** Forgets old links. */
export async function sweepLinkRequests(options: { requests: Collection<LinkRequest>; nowMs: number }): Promise<void> {
  const { requests, nowMs } = options
  for (const doc of await requests.list())
    if (doc.value.expiresAtMs + KEPT_MS < nowMs && doc.value.state !== 'proved') await requests.remove(doc)
}
