// /capacity: puts a seller's listings up or takes them off, and shows where they stand.
import type { Listing } from '../../core/supply/listing.ts'
import { setCapacity } from '../../core/supply/submitListing.ts'
import { memberKey } from '../../core/teams/team.ts'
import type { Block, View } from '../chat/view.ts'
import { textView } from '../chat/view.ts'
import { listingBlocks, sellerView } from '../views/listingView.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'

export const capacityCommand: Command = {
  name: 'capacity',
  topic: 'sell',
  summary: 'Put your GPUs up or take them offline',
  usage: '/capacity available | offline [listing]',
  where: 'private',
  options: [
    {
      name: 'state',
      description: 'Up or down; without it they are only shown',
      kind: 'text',
      choices: [
        { name: 'available', value: 'available' },
        { name: 'offline', value: 'offline' },
      ],
      write: (value) => value,
    },
    {
      name: 'listing',
      description: 'One listing, such as S-73SQ-AWR7; else all',
      kind: 'text',
      write: (value) => value,
    },
  ],
  async run(app, event) {
    const [word = '', id] = event.text.trim().split(/\s+/)
    const own = await app.context.listings.list({ index: 'seller', key: memberKey(event.principal) })
    if (own.length === 0) return reply(app, event, textView('You have listed nothing yet. /sell shows how.'))
    const chosen = own
      .map((doc) => doc.value)
      .filter((listing) => id === undefined || listing.id.toUpperCase() === id.toUpperCase())
    if (chosen.length === 0)
      return reply(app, event, textView(`You have no listing ${id}. Yours: ${own.map((doc) => doc.id).join(', ')}.`))
    if (word === '') return reply(app, event, overview(app, chosen))
    if (word !== 'available' && word !== 'offline') {
      return reply(
        app,
        event,
        textView(`"${word}" is no state. Say /capacity available, or /capacity offline; nothing was changed.`),
      )
    }
    await change(app, event, chosen, word)
  },
}

async function change(
  app: BotApp,
  event: CommandEvent,
  chosen: readonly Listing[],
  capacity: Listing['capacity'],
): Promise<void> {
  const nowMs = app.context.clock.now()
  for (const listing of chosen) {
    if (listing.state !== 'live') {
      await reply(app, event, sellerView(listing, nowMs))
      continue
    }
    const changed = await setCapacity({ listings: app.context.listings, id: listing.id, capacity })
    if (changed) await reply(app, event, sellerView(changed, nowMs))
  }
}

const overview = (app: BotApp, listings: readonly Listing[]): View => ({
  blocks: listings.flatMap((listing): Block[] => listingBlocks(listing, app.context.clock.now())),
})
