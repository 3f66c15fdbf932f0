// The text a wallet signs (EIP-4361, Sign-In with Ethereum): made here, and accepted only as it was made.
import { type Address, getAddress, isAddress } from 'viem'
import { createSiweMessage, parseSiweMessage, validateSiweMessage } from 'viem/siwe'
import { LINK_MS, type LinkPerson } from './walletLink.ts'

/** Where and for which chain messages are signed. */
export interface LinkSite {
  readonly publicUrl: string
  readonly chainId: number
}

// viem knows no host of one label but this one and no IPv6 address, while EIP-4361 takes any authority; so it reads and
// writes this one, and the host itself is put and compared here.
const HOST_FOR_VIEM = 'localhost'

/** What one message is about; all of it is the server's own record. */
export interface LinkSubject {
  readonly person: LinkPerson
  readonly requestId: string
  readonly nonce: string
  /** A message issued before or after is none of ours. */
  readonly fromMs: number
  readonly untilMs: number
  /** Set: the old wallet agrees that this one is paid from now on. */
  readonly to?: Address
}

/** "Telegram user", as the statement and the page say it. */
export const platformName = (platform: string): string => `${platform.slice(0, 1).toUpperCase()}${platform.slice(1)}`

/** The message for this wallet. Only plain ASCII is in it: wallets show a name of another script as a warning, or not at all. */
export function linkMessage(options: {
  site: LinkSite
  subject: LinkSubject
  address: Address
  issuedAtMs: number
}): string {
  const { site, subject, address, issuedAtMs } = options
  const { person, requestId, nonce, untilMs, to } = subject
  const url = new URL(site.publicUrl)
  const who = `${platformName(person.platform)} user ${person.userId}`
  const text = createSiweMessage({
    domain: HOST_FOR_VIEM,
    uri: url.origin,
    address,
    statement: to
      ? `I own the payout wallet of ${who} and agree that Necto pays ${to} instead, without waiting.`
      : `Necto may pay what ${who} earns to this wallet. Signing moves no money and gives nobody access.`,
    version: '1',
    chainId: site.chainId,
    nonce,
    requestId,
    issuedAt: new Date(issuedAtMs),
    expirationTime: new Date(Math.min(untilMs, issuedAtMs + LINK_MS)),
    resources: [
      `urn:necto:chat:${person.platform}:${person.userId}`,
      to ? 'urn:necto:purpose:payout-change' : 'urn:necto:purpose:payout',
      ...(to ? [`urn:necto:payout:${to}`] : []),
    ],
  })
  return `${url.host}${text.slice(HOST_FOR_VIEM.length)}`
}

/**
 * The wallet that the message names, when it is the very message that was made for it: site, address, nonce, times and
 * resources are compared by making it again. undefined: altered, expired, or made for something else.
 */
export function readLinkMessage(options: {
  site: LinkSite
  subject: LinkSubject
  message: string
  nowMs: number
}): Address | undefined {
  const { site, subject, message, nowMs } = options
  const { host } = new URL(site.publicUrl)
  if (!message.startsWith(host)) return undefined
  const parsed = parseSiweMessage(`${HOST_FOR_VIEM}${message.slice(host.length)}`)
  const { address, issuedAt } = parsed
  // Strict: an address with a wrong checksum may be a typing mistake in what will be paid.
  if (!address || !isAddress(address) || getAddress(address) !== address || !issuedAt) return undefined
  const issuedAtMs = issuedAt.getTime()
  if (!(issuedAtMs >= subject.fromMs && issuedAtMs <= nowMs)) return undefined
  const isOurs = validateSiweMessage({
    message: parsed,
    address,
    nonce: subject.nonce,
    time: new Date(nowMs),
  })
  return isOurs && message === linkMessage({ site, subject, address, issuedAtMs }) ? address : undefined
}
