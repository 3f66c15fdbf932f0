// /prices: what every provider asks now, side by side; no job, no record, nothing kept of who asked.

import { decideJob, routingPolicy } from '../../core/jobs/decideJob.ts'
import type { ProviderProgress } from '../../core/jobs/job.ts'
import { readMarket } from '../../core/jobs/readMarket.ts'
import { sellerNames } from '../../core/jobs/scanJob.ts'
import type { Ask } from '../../core/market/ask.ts'
import { type AskText, parseAskText } from '../../core/market/askGrammar.ts'
import { comparisonChart } from '../charts/comparisonChart.ts'
import { commandToken } from '../chat/commandButton.ts'
import type { Place } from '../chat/inbound.ts'
import { textView, type View } from '../chat/view.ts'
import { COMMON_GPUS } from '../forms/jobFormButtons.ts'
import { misunderstood } from '../views/misunderstood.ts'
import { pricesView } from '../views/pricesView.ts'
import { showTime } from '../views/words.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'
import { ASK_OPTIONS } from './jobOptions.ts'
import { PERIOD_CHOICES, priceHistory, readPeriod } from './priceHistory.ts'
import { SCANS_USED_UP } from './scanLimit.ts'

const DEFAULT_TIME = '1h'
const PER_ROW = 4

export const pricesCommand: Command = {
  name: 'prices',
  summary: 'What every provider asks for a GPU now',
  usage: '/prices h100 eu',
  where: 'anywhere',
  more: [{ usage: '/prices h100 week', summary: 'How they moved: the last day, week or month' }],
  options: [
    ...ASK_OPTIONS,
    {
      name: 'history',
      description: 'How prices moved instead of what they are now',
      kind: 'text',
      choices: PERIOD_CHOICES,
      write: (value) => value,
    },
  ],
  async run(app, event, signal) {
    if (event.text.trim() === '') return reply(app, event, explanation)
    const history = readPeriod(event.text)
    const parsed = parsePrices(app, history?.rest ?? event.text)
    if (!parsed.ok) return reply(app, event, misunderstood(parsed, '/prices'))
    if (parsed.workload) return reply(app, event, textView(NOTHING_RUNS))
    if (history) return reply(app, event, await priceHistory(app, { ask: parsed.ask, period: history.period }))
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

const explanation: View = {
  blocks: [
    {
      kind: 'text',
      spans: [
        'Which GPU? Prices of every provider now, per GPU-hour. No job is made and nothing is kept of who asked. Press one, or say more: ',
        { text: '/prices h100 x8 eu no-spot', style: 'code' },
      ],
    },
  ],
  buttons: [COMMON_GPUS.slice(0, PER_ROW), COMMON_GPUS.slice(PER_ROW)].map((row) =>
    row.map((gpu) => ({ label: gpu.toUpperCase(), token: commandToken('prices', gpu) })),
  ),
}

async function comparePrices(options: {
  app: BotApp
  ask: Ask
  place: Place
  replyTo: CommandEvent['message']
  signal: AbortSignal
}): Promise<void> {
  const { app, ask, place, replyTo, signal } = options
  const { context, market, live } = app
  const asked: readonly ProviderProgress[] = market.providers.map(({ id, name }) => ({ id, name, state: 'scanning' }))
  const message = await live.open(place, pricesView({ ask, progress: asked }), {
    urgent: true,
    replyTo,
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
  // One bar compares nothing.
  if (card.comparison.filter(({ usdPerGpuHour }) => usdPerGpuHour !== undefined).length < 2) return
  const picture = await comparisonChart({
    title: `${ask.gpu.family.toUpperCase()} prices`,
    when: showTime(context.clock.now()),
    rows: card.comparison,
    ...(card.choice && { chosen: card.choice.providerName }),
  })
  const blocks = [{ kind: 'note' as const, text: 'The same as a picture.' }]
  await live.post(place, { blocks, picture }, { replyTo: message, silent: true })
}
