// /prices: what every provider asks now, side by side; no job, no record, nothing kept of who asked.

import { decideJob, routingPolicy } from '../../core/jobs/decideJob.ts'
import type { ProviderProgress } from '../../core/jobs/job.ts'
import { readMarket } from '../../core/jobs/readMarket.ts'
import { sellerNames } from '../../core/jobs/scanJob.ts'
import type { Ask } from '../../core/market/ask.ts'
import { type AskText, parseAskText } from '../../core/market/askGrammar.ts'
import type { Place } from '../chat/inbound.ts'
import { textView, type View } from '../chat/view.ts'
import { COMMON_GPUS } from '../forms/jobFormButtons.ts'
import { misunderstood } from '../views/misunderstood.ts'
import { pricesView } from '../views/pricesView.ts'
import { type BotApp, type Command, type CommandEvent, type Press, reply } from './app.ts'
import { ASK_OPTIONS } from './jobOptions.ts'
import { SCANS_USED_UP } from './scanLimit.ts'

const BUTTONS_LAST_MS = 24 * 3_600_000
const DEFAULT_TIME = '1h'
const PER_ROW = 4

export const pricesCommand: Command = {
  name: 'prices',
  summary: 'What every provider asks for a GPU now',
  usage: '/prices h100 eu',
  where: 'anywhere',
  options: ASK_OPTIONS,
  async run(app, event, signal) {
    if (event.text.trim() === '') return reply(app, event, await explanation(app, event))
    const parsed = parsePrices(app, event.text)
    if (!parsed.ok) return reply(app, event, misunderstood(parsed, '/prices'))
    if (parsed.workload) return reply(app, event, textView(NOTHING_RUNS))
    if (!app.scanLimit.take(event.principal)) return reply(app, event, textView(SCANS_USED_UP))
    await comparePrices({ app, ask: parsed.ask, place: event.place, replyTo: event.message, signal })
  },
}

const NOTHING_RUNS =
  '/prices compares and runs nothing. Nothing was started and no money moved. Send the same line with /job in front to run the command.'

/** The ask grammar, but that an hour is meant where no time is said: prices hardly hang on it. */
function parsePrices(app: BotApp, text: string): AskText {
  const known = { knownProviders: app.providers.map(({ id }) => id) }
  const parsed = parseAskText(text, known)
  if (parsed.ok) return parsed
  const timed = parseAskText(`${text} ${DEFAULT_TIME}`, known)
  return timed.ok || timed.problems.length < parsed.problems.length ? timed : parsed
}

async function explanation(app: BotApp, { place }: CommandEvent): Promise<View> {
  const buttons = await Promise.all(
    COMMON_GPUS.map(async (gpu) => ({
      label: gpu.toUpperCase(),
      token: await app.actions.issue({
        action: 'prices.show',
        subject: 'prices',
        data: { gpu },
        // Named for nobody: who asks for prices is not written down.
        allowed: { kind: 'anyone' },
        place,
        expiresAtMs: app.context.clock.now() + BUTTONS_LAST_MS,
        isReusable: true,
      }),
    })),
  )
  return {
    blocks: [
      {
        kind: 'text',
        spans: [
          'Which GPU? Prices of every provider now, per GPU-hour. No job is made and nothing is kept of who asked. Press one, or say more: ',
          { text: '/prices h100 x8 eu no-spot', style: 'code' },
        ],
      },
    ],
    buttons: [buttons.slice(0, PER_ROW), buttons.slice(PER_ROW)],
  }
}

/** The buttons below it. */
export const PRICES_PRESSES: Readonly<Record<string, Press>> = {
  'prices.show': async (app, action, event, signal) => {
    const parsed = parsePrices(app, String(action.data.gpu))
    if (!parsed.ok) return 'This button is no longer in use. Send /prices again.'
    if (!app.scanLimit.take(event.principal)) return SCANS_USED_UP
    // Before the scan, which takes longer than a press may wait.
    await app.chat.notice(event, 'Asking every provider…')
    await comparePrices({ app, ask: parsed.ask, place: event.place, signal })
    return undefined
  },
}

async function comparePrices(options: {
  app: BotApp
  ask: Ask
  place: Place
  replyTo?: CommandEvent['message']
  signal: AbortSignal
}): Promise<void> {
  const { app, ask, place, replyTo, signal } = options
  const { context, market, live } = app
  const asked: readonly ProviderProgress[] = market.providers.map(({ id, name }) => ({ id, name, state: 'scanning' }))
  const message = await live.open(place, pricesView({ ask, progress: asked }), {
    urgent: true,
    ...(replyTo && { replyTo }),
  })
  const read = await readMarket({
    market,
    ask,
    deadlineMs: context.policy.scanDeadlineMs,
    signal,
    known: asked,
    onProgress: (progress) => live.update(message, pricesView({ ask, progress })),
  })
  if (!read) return
  const { input, progress } = read
  const { card } = decideJob({
    ask,
    input,
    policy: routingPolicy(context.policy),
    sellerNames: await sellerNames(context),
  })
  await live.finish(message, pricesView({ ask, progress, card }))
}
