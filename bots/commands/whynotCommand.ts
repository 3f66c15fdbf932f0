// /whynot: what stood against a provider's offers, or what one that fits lost by.
import { type ReadDecision, readDecision } from '../../core/jobs/readDecision.ts'
import { nearestWord } from '../../core/market/nearestWord.ts'
import { safeName } from '../chat/safeText.ts'
import { textView } from '../chat/view.ts'
import { whynotView } from '../views/whynotView.ts'
import { type BotApp, type Command, reply } from './app.ts'
import { REF_OPTION } from './jobOptions.ts'
import { namedJob } from './readableJob.ts'

export const whynotCommand: Command = {
  name: 'whynot',
  summary: 'Why not that provider, or that offer',
  usage: '/whynot K7QF-3M2P akash',
  where: 'anywhere',
  options: [
    REF_OPTION,
    {
      name: 'whom',
      description: 'A provider, a seller or an offer',
      kind: 'text',
      isRequired: true,
      suggest: 'provider',
      write: (value) => value,
    },
  ],
  async run(app, event) {
    const named = await namedJob(app, event, this.usage)
    if (!named) return
    const { job, rest } = named
    if (rest === '') return reply(app, event, textView(`Why not whom? For example: ${this.usage}`))
    const read = await readDecision({ context: app.context, job })
    if (!read)
      return reply(
        app,
        event,
        textView(`Nothing is known of a decision for ${job.ref}${job.state === 'scanning' ? ' yet' : ''}.`),
      )
    const found = find(app, read, rest.toLowerCase())
    if (!found) {
      const ids = read.providers.map(({ id }) => id)
      const near = nearestWord(rest, ids)
      const hint = near ? `Did you mean ${near}?` : `Asked were ${ids.join(', ')}.`
      return reply(app, event, textView(`Nothing called "${safeName(rest)}" was asked for ${job.ref}. ${hint}`))
    }
    await reply(app, event, whynotView({ ref: job.ref, read, ...found }))
  },
}

/** An offer by its id, a seller by the name people see, a provider by id or name; all without regard to case. */
function find(app: BotApp, read: ReadDecision, text: string) {
  const is = (name: string | undefined) => name?.toLowerCase() === text
  const names = new Map(app.providers.map(({ id, name }) => [id, name]))
  const provider = read.providers.find(({ id }) => is(id) || is(names.get(id)))
  if (provider) {
    const offers = read.offers.filter((offer) => offer.provider === provider.id)
    return { name: names.get(provider.id) ?? provider.id, provider, offers }
  }
  const offers = read.offers.filter(({ id }) => is(id) || is(read.sellerNames[id]))
  const [first] = offers
  return first && { name: safeName(read.sellerNames[first.id] ?? first.id), provider: undefined, offers }
}
