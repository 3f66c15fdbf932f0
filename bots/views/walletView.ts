// The payout wallet as its owner and the admins see it: what is linked, what is to replace it, what to do.
import type { LinkRequest, WalletChange, WalletLink } from '../../core/supply/walletLink.ts'
import { openChange } from '../../core/supply/walletLink.ts'
import { memberKey } from '../../core/teams/team.ts'
import type { Block, Button, Span, View } from '../chat/view.ts'
import { shortHex, showDate } from './words.ts'

/** The page of a link. */
export const linkUrl = (publicUrl: string, id: string): string => `${publicUrl.replace(/\/+$/, '')}/link/${id}`

const code = (text: string): Span => ({ text, style: 'code' })

/** What is linked now and what waits. */
export function walletBlocks(link: WalletLink | undefined): Block[] {
  const wallet = link?.wallet
  const change = openChange(link)
  return [
    { kind: 'heading', text: 'Your payout wallet' },
    wallet
      ? {
          kind: 'facts',
          rows: [
            { label: 'Linked', value: [`${shortHex(wallet.address)}, since ${showDate(wallet.linkedAtMs)}`] },
            { label: 'In full', value: [code(wallet.address)] },
          ],
        }
      : {
          kind: 'text',
          spans: ['None is linked. What you earn is paid to a wallet of yours; linking one takes a signature.'],
        },
    ...(change ? changeBlocks(change) : []),
  ]
}

/** A change that is under way. */
export function changeBlocks(change: WalletChange): Block[] {
  const { from, to, state, readyAtMs } = change
  const next = {
    waiting: `It takes effect at ${showDate(readyAtMs)} or soon after, unless it is stopped before. The wallet that is paid now can skip the wait by a signature.`,
    applying: 'The time is over; it is being written to the chain and cannot be stopped any more.',
    agreed: 'The old wallet agreed; it is being written to the chain.',
    stopping: 'It is being stopped.',
    done: 'It is done.',
    stopped: 'It was stopped; nothing changed.',
  }[state]
  return [
    {
      kind: 'facts',
      rows: [
        { label: 'Paid now', value: [code(from)] },
        { label: 'To be paid', value: [code(to)] },
      ],
    },
    { kind: 'text', spans: [next] },
  ]
}

/** A fresh link with its code: the code stands only here, so that the link alone is worth nothing. */
export const linkBlocks = ({ code: digits }: Pick<LinkRequest, 'code'>): Block[] => [
  {
    kind: 'text',
    spans: ['Your code: ', { text: digits, style: 'code' }, '. Type it on the page; your wallet then signs one text.'],
  },
  {
    kind: 'note',
    text: 'Good for ten minutes. We never ask for a key or a recovery phrase. If you did not ask for this, ignore it, and send the code to nobody.',
  },
]

/** `stop`: a token that stops it. */
export function changeAskedView(options: {
  link: WalletLink
  change: WalletChange
  for: 'owner' | 'admin'
  buttons: readonly Button[]
}): View {
  const { link, change, buttons } = options
  const intro =
    options.for === 'owner'
      ? 'Another payout wallet was asked for'
      : `${link.person.label} (${memberKey(link.person)}) asked for another payout wallet`
  return {
    blocks: [
      { kind: 'text', spans: [{ text: intro, style: 'bold' }] },
      ...changeBlocks(change),
      {
        kind: 'note',
        text:
          options.for === 'owner'
            ? 'If that was not you, stop it now: then somebody else uses your chat account. Jobs that are paid for go to the wallet they were paid for.'
            : 'Stop it if the seller says it was not them. Jobs that are paid for go to the wallet they were paid for.',
      },
    ],
    ...(buttons.length > 0 && { buttons: [buttons] }),
  }
}

/** The end of a change. */
export function changeEndedView(options: { link: WalletLink; change: WalletChange; for: 'owner' | 'admin' }): View {
  const { link, change } = options
  const whose = options.for === 'owner' ? 'Your payout wallet' : `The payout wallet of ${link.person.label}`
  const text =
    change.state === 'done' ? `${whose} has changed: new jobs are paid to ` : `The change was stopped. ${whose} stays `
  return {
    blocks: [{ kind: 'text', spans: [text, code(change.state === 'done' ? change.to : change.from), '.'] }],
  }
}
