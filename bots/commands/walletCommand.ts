// /wallet: the payout wallet of whoever asks; links one, and stops a change that waits.
import type { Address } from 'viem'
import { requestLink } from '../../core/supply/linkRequest.ts'
import { stopChange } from '../../core/supply/proveWallet.ts'
import { openChange, type WalletChange } from '../../core/supply/walletLink.ts'
import { memberKey } from '../../core/teams/team.ts'
import type { Action } from '../chat/actions.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import { type Block, type Button, textView, type View } from '../chat/view.ts'
import { linkBlocks, linkUrl, walletBlocks } from '../views/walletView.ts'
import type { ActionEvent, BotApp, Command, CommandEvent } from './app.ts'
import { answerPrivately } from './privately.ts'

// Linking and stopping are checked again when they are pressed, so the buttons may stand for as long as a change waits.
const BUTTON_MS = 72 * 3_600_000

export const walletCommand: Command = {
  name: 'wallet',
  topic: 'sell',
  summary: 'The wallet you are paid to',
  usage: '/wallet',
  more: [
    { usage: '/wallet link', summary: 'link a payout wallet, or change it' },
    { usage: '/wallet cancel', summary: 'stop a change that waits' },
  ],
  where: 'private',
  options: [
    {
      name: 'what',
      description: 'Link one, or stop a change; without it what is linked is shown',
      kind: 'text',
      choices: [
        { name: 'link', value: 'link' },
        { name: 'cancel', value: 'cancel' },
      ],
      write: (value) => value,
    },
  ],
  run: (app, event) =>
    answerPrivately({
      app,
      event,
      why: 'A payout wallet is a private matter. Send /wallet in our private chat.',
      answer: () => answer(app, event),
    }),
}

async function answer(app: BotApp, event: CommandEvent): Promise<View> {
  const word = event.text.trim().toLowerCase()
  const link = (await app.context.walletLinks.get(memberKey(event.principal)))?.value
  const change = openChange(link)
  if (word === 'link' || word === 'change') return change ? shown(app, event) : freshLink(app, event.principal)
  if (word === 'cancel' || word === 'stop') {
    return change
      ? textView(await stop(app, { person: memberKey(event.principal), change, stoppedBy: event.principal }))
      : textView('No change of your wallet waits. Nothing was changed.')
  }
  if (word !== '')
    return textView(
      `"${word}" is nothing a wallet does. Say /wallet, /wallet link or /wallet cancel. Nothing was changed.`,
    )
  return shown(app, event)
}

async function shown(app: BotApp, event: CommandEvent): Promise<View> {
  const { principal, place } = event
  const link = (await app.context.walletLinks.get(memberKey(principal)))?.value
  const change = openChange(link)
  if (!change) {
    const token = await walletToken(app, { action: 'wallet.link', principal, place, person: memberKey(principal) })
    return {
      blocks: walletBlocks(link),
      buttons: [[{ label: link?.wallet ? 'Link another wallet' : 'Link a wallet', token, look: 'primary' }]],
    }
  }
  return {
    blocks: walletBlocks(link),
    buttons: [await changeButtons(app, { principal, place, change, person: memberKey(principal) })],
  }
}

/** What can be done about a change that waits: skip the wait (its owner only), stop it. */
export async function changeButtons(
  app: BotApp,
  options: {
    principal: Pick<Principal, 'platform' | 'userId'>
    place: Place
    person: string
    change: WalletChange
  },
): Promise<Button[]> {
  const { principal, change, person } = options
  if (change.state !== 'waiting') return []
  const token = await walletToken(app, { ...options, action: 'wallet.stop', data: { changeId: change.id } })
  const isOwner = memberKey(principal) === person
  return [
    ...(isOwner ? [{ label: 'Skip the wait', url: linkUrl(app.publicUrl, change.requestId) }] : []),
    { label: 'Stop the change', token, look: 'danger' as const },
  ]
}

function walletToken(
  app: BotApp,
  options: {
    action: string
    principal: Pick<Principal, 'platform' | 'userId'>
    place: Place
    person: string
    data?: Action['data']
  },
): Promise<string> {
  const { action, principal, place, person, data = {} } = options
  return app.actions.issue({
    action,
    subject: person,
    data,
    allowed: { kind: 'user', platform: principal.platform, userId: principal.userId },
    place,
    expiresAtMs: app.context.clock.now() + BUTTON_MS,
    isReusable: true,
  })
}

/** A new link and its code, as one message. `expected`: the wallet that a listing names already. */
export async function freshLink(
  app: BotApp,
  principal: Principal,
  more: { expected?: Address | undefined; above?: readonly Block[] } = {},
): Promise<View> {
  const { walletLinkRequests: requests, clock, random } = app.context
  const { platform, userId, label } = principal
  const { above = [{ kind: 'heading', text: 'Link a payout wallet' }] } = more
  const expected = more.expected ?? (await namedWallet(app, principal))
  const { id, request } = await requestLink({
    requests,
    person: { platform, userId, label },
    expected,
    nowMs: clock.now(),
    random,
  })
  return {
    blocks: [...above, ...linkBlocks(request)],
    buttons: [[{ label: 'Open the page', url: linkUrl(app.publicUrl, id) }]],
  }
}

/** The wallet that the newest listing waits for; another one would leave it waiting. */
async function namedWallet(app: BotApp, principal: Principal): Promise<Address | undefined> {
  const own = await app.context.listings.list({ index: 'seller', key: memberKey(principal) })
  return own
    .map((doc) => doc.value)
    .filter(({ state, provenAtMs, payout }) => state === 'submitted' && provenAtMs === undefined && payout)
    .toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0]?.payout
}

/** The Link button: the link comes as a message of its own. */
export async function pressLink(app: BotApp, event: ActionEvent): Promise<string> {
  const link = (await app.context.walletLinks.get(memberKey(event.principal)))?.value
  if (openChange(link)) return 'A change waits already. /wallet shows it.'
  await app.live.post(event.place, await freshLink(app, event.principal), { replyTo: event.message, urgent: true })
  return 'Open the page with the link below.'
}

/** The Stop button, its owner's or an admin's. */
export async function pressStop(app: BotApp, action: Action, event: ActionEvent): Promise<string> {
  const link = (await app.context.walletLinks.get(action.subject))?.value
  const change = openChange(link)
  if (!change || change.id !== action.data.changeId) return 'This change is over already. Nothing was changed.'
  return stop(app, { person: action.subject, change, stoppedBy: event.principal })
}

async function stop(
  app: BotApp,
  options: { person: string; change: WalletChange; stoppedBy: Principal },
): Promise<string> {
  const { person, change, stoppedBy } = options
  const { walletLinks } = app.context
  const stopped = await stopChange({ walletLinks, person, changeId: change.id, stoppedBy: memberKey(stoppedBy) })
  return stopped
    ? 'The change is being stopped; the wallet stays as it is.'
    : 'Too late to stop: the change is being written to the chain.'
}
