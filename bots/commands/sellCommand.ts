// /sell: lists hardware from one line; who has no wallet linked yet is given the link to do so.
import { LISTING_EXAMPLE, parseListingText } from '../../core/supply/listingText.ts'
import { isRunnerTaken, submitListing } from '../../core/supply/submitListing.ts'
import { memberKey } from '../../core/teams/team.ts'
import { textView, type View } from '../chat/view.ts'
import { sellerView } from '../views/listingView.ts'
import type { BotApp, Command, CommandEvent } from './app.ts'
import { answerPrivately } from './privately.ts'
import { freshLink } from './walletCommand.ts'

export const sellCommand: Command = {
  name: 'sell',
  topic: 'sell',
  summary: 'Rent out your GPUs',
  usage: LISTING_EXAMPLE,
  where: 'private',
  options: [
    {
      name: 'line',
      description: 'What you rent out, in one line; without it the help shows',
      kind: 'text',
      write: (value) => value,
    },
  ],
  run: (app, event) =>
    answerPrivately({
      app,
      event,
      why: 'Selling is a private matter. Send /sell in our private chat.',
      answer: () => sell(app, event),
    }),
}

async function sell(app: BotApp, event: CommandEvent): Promise<View> {
  if (event.text.trim() === '') return howToSell()
  const parsed = parseListingText(event.text)
  if (!parsed.ok) return misread(parsed)
  const { draft } = parsed
  const { listings, walletLinks, clock, random } = app.context
  const { principal } = event
  if (await isRunnerTaken({ listings, runner: draft.runner, seller: principal })) {
    return textView(
      'Another seller has listed with this runner key. Nothing was stored. Make one of your own: ./necto seller key',
    )
  }
  const linked = (await walletLinks.get(memberKey(principal)))?.value.wallet?.address
  if (linked && draft.payout && draft.payout !== linked) return otherWallet(linked)
  const nowMs = clock.now()
  const listing = await submitListing({
    listings,
    draft: { ...draft, ...(linked && { payout: linked }) },
    isProven: linked !== undefined,
    seller: { platform: principal.platform, userId: principal.userId, label: principal.label },
    place: { ...event.place },
    requestKey: event.key,
    nowMs,
    random,
  })
  const view = sellerView(listing, nowMs)
  // The admins are asked by the follower, which a restart does not lose.
  return listing.provenAtMs === undefined
    ? freshLink(app, principal, { expected: draft.payout, above: view.blocks })
    : view
}

/** Money must not go to an address that was only typed. */
const otherWallet = (linked: string): View =>
  textView(
    'Nothing was stored: your linked wallet is another one, ',
    { text: linked, style: 'code' },
    '. Leave out "wallet …" to be paid there, or change it first with /wallet link.',
  )

const howToSell = (): View => ({
  blocks: [
    { kind: 'heading', text: 'Rent out your GPUs' },
    { kind: 'text', spans: ['One line says it all:'] },
    { kind: 'code', text: LISTING_EXAMPLE },
    {
      kind: 'list',
      items: [
        ['price: USD for one GPU for one hour; Necto’s fee comes out of it'],
        ['runner: the address that ./necto seller key prints on your machine'],
        ['runs: docker for container images, process for plain programs'],
        ['in: a city or a country; as: the name buyers see'],
        [
          'You are paid in USDC to your linked wallet; without one you get a link to sign in with it. We never ask for its key.',
        ],
      ],
    },
    {
      kind: 'note',
      text: 'An admin approves it, then /capacity available puts it up. /wallet shows where you are paid.',
    },
  ],
})

function misread(parsed: { understood: readonly string[]; problems: readonly string[] }): View {
  return {
    blocks: [
      { kind: 'text', spans: [{ text: 'Not listed yet.', style: 'bold' }] },
      ...(parsed.understood.length > 0
        ? [{ kind: 'text' as const, spans: [`Understood: ${parsed.understood.join(', ')}`] }]
        : []),
      { kind: 'list', items: parsed.problems.map((problem) => [problem]) },
      { kind: 'code', text: LISTING_EXAMPLE },
    ],
  }
}
