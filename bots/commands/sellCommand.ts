// /sell: lists hardware from one line, and asks the admins for their word.

import { errorText } from '../../core/errors.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { LISTING_EXAMPLE, parseListingText } from '../../core/supply/listingText.ts'
import { isRunnerTaken, submitListing } from '../../core/supply/submitListing.ts'
import { platform as platformSchema } from '../chat/inbound.ts'
import { textView, type View } from '../chat/view.ts'
import { listingBlocks, sellerView } from '../views/listingView.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'

const APPROVAL_DAYS_MS = 14 * 24 * 3_600_000

export const sellCommand: Command = {
  name: 'sell',
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
  async run(app, event) {
    if (!event.place.isPrivate) {
      return reply(app, event, {
        blocks: [{ kind: 'text', spans: ['Selling is a private matter. Send /sell in our private chat.'] }],
        buttons: [[{ label: 'Open the private chat', url: app.chat.startUrl(event.place.platform, 'sell') }]],
      })
    }
    if (event.text.trim() === '') return reply(app, event, howToSell())
    const parsed = parseListingText(event.text)
    if (!parsed.ok) return reply(app, event, misread(parsed))
    const { listings } = app.context
    if (await isRunnerTaken({ listings, runner: parsed.draft.runner, seller: event.principal })) {
      return reply(
        app,
        event,
        textView(
          'Another seller has listed with this runner key. Nothing was stored. Make one of your own: ./necto seller key',
        ),
      )
    }
    const listing = await submitListing({
      listings: app.context.listings,
      draft: parsed.draft,
      seller: { platform: event.principal.platform, userId: event.principal.userId, label: event.principal.label },
      place: { ...event.place },
      requestKey: event.key,
      nowMs: app.context.clock.now(),
      random: app.context.random,
    })
    await reply(app, event, sellerView(listing, app.context.clock.now()))
    await askAdmins(app, event, listing)
  },
}

/** Each admin gets the card with both buttons in private; the first word counts. */
async function askAdmins(app: BotApp, event: CommandEvent, listing: Listing): Promise<void> {
  const { clock, log } = app.context
  let reached = 0
  for (const admin of app.admins) {
    const [on, userId = ''] = admin.split(':')
    const platformRead = platformSchema.safeParse(on)
    if (!platformRead.success) continue
    const platform = platformRead.data
    try {
      const place = app.chat.privatePlace({ platform, userId, label: 'admin' })
      const token = (action: string) =>
        app.actions.issue({
          action,
          subject: listing.id,
          data: {},
          allowed: { kind: 'user', platform, userId },
          place,
          expiresAtMs: clock.now() + APPROVAL_DAYS_MS,
        })
      const view: View = {
        blocks: [
          { kind: 'text', spans: [{ text: `${listing.seller.label} wants to sell`, style: 'bold' }] },
          ...listingBlocks(listing, clock.now()),
        ],
        buttons: [
          [
            { label: 'Approve', token: await token('listing.approve'), look: 'primary' },
            { label: 'Reject', token: await token('listing.reject'), look: 'danger' },
          ],
        ],
      }
      await app.live.post(place, view, { urgent: true })
      reached++
    } catch (error) {
      log.warn({ msg: 'admin not reached', listing: listing.id, error: errorText(error) })
    }
  }
  if (reached === 0)
    await reply(app, event, textView('No admin could be reached yet. Your listing is stored and waits.'))
}

const howToSell = (): View => ({
  blocks: [
    { kind: 'heading', text: 'Rent out your GPUs' },
    { kind: 'text', spans: ['One line says it all:'] },
    { kind: 'code', text: LISTING_EXAMPLE },
    {
      kind: 'list',
      items: [
        ['price: USD for one GPU for one hour; Necto’s fee comes out of it'],
        ['wallet: where USDC is paid to; we never ask for its key'],
        ['runner: the address that ./necto seller key prints on your machine'],
        ['runs: docker for container images, process for plain programs'],
      ],
    },
    { kind: 'note', text: 'An admin approves it, then /capacity available puts it up.' },
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
