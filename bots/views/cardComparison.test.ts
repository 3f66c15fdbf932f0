// The decision as people read it, of six providers: in a terminal with every column, on a phone with three.
import { describe, expect, test } from 'vitest'
import { decideJob } from '../../core/jobs/decideJob.ts'
import type { Ask } from '../../core/market/ask.ts'
import type { Offer } from '../../core/market/offer.ts'
import { defaultPolicy } from '../../core/pricing/policy.ts'
import { nodePrice, nowMs, plainAsk, plainOffer, tokens, usd } from '../../core/pricing/testOffers.ts'
import { renderTelegram } from '../telegram/render.ts'
import { terminalText } from '../terminal/terminalText.ts'
import { cardBlocks } from './cardView.ts'

const names = {
  akash: 'Akash',
  ionet: 'io.net',
  'aws-spot': 'AWS Spot',
  render: 'Render',
  nosana: 'Nosana',
  necto: 'Necto sellers',
}
const uptime = (value: number) => ({ uptimePercent: { value, how: '30 days' } })
const offer = (id: string, dollars: number, more: Partial<Offer> = {}): Offer =>
  plainOffer({
    id,
    provider: id.split(':')[0] ?? id,
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(dollars) } },
    ...more,
  })
const no = { bookable: { no: 'no launcher' } }
const a100 = { id: 'a100-80gb-sxm', family: 'a100', memoryGib: 80, interface: 'sxm' as const }
const six: Offer[] = [
  offer('akash:1', 0, {
    ...no,
    region: [],
    price: {
      model: 'auction',
      unit: { per: 'gpu', usdPerHour: usd(1.62) },
      volatility: { bps: 2980, basis: 'spread of single-GPU bids over their median' },
    },
  }),
  offer('ionet:1', 1.9, uptime(97)),
  offer('aws-spot:1', 0, {
    region: ['na', 'us', 'use1-az1'],
    price: { ...nodePrice(22.4192, 8), volatility: { bps: 240, basis: '14 days' } } as Offer['price'],
  }),
  offer('render:1', 1.25, { estimated: 'Render’s rate card' }),
  offer('nosana:1', 1, { gpu: a100 }),
  offer('necto:7', 1.93, { ...uptime(99.5), region: ['eu', 'de', 'berlin'] }),
]

function blocks(offers: readonly Offer[], asked: Partial<Ask> = {}, columns: 'few' | 'all' = 'few') {
  const ask = { ...plainAsk, ...asked }
  const providers = Object.entries(names).map(([id, name]) => ({
    id,
    name,
    outcome: 'answered' as const,
    evidence: [],
  }))
  const input = { decidedAtMs: nowMs, offers: [...offers], providers, tokens }
  const { card } = decideJob({ ask, input, policy: defaultPolicy, sellerNames: { 'necto:7': 'Berlin Rack GmbH & Co' } })
  return cardBlocks(card, { columns })
}
const terminal = (...args: Parameters<typeof blocks>) => terminalText({ blocks: blocks(args[0], args[1], 'all') })
const phone = (...args: Parameters<typeof blocks>) => renderTelegram({ blocks: blocks(...args) }, () => true)
/** The monospace parts: what must not be wider than the phone. */
const tablesOf = ({ text, entities }: ReturnType<typeof phone>) =>
  entities.filter(({ type }) => type === 'pre').map(({ offset, length }) => text.slice(offset, offset + length))
const cells = (line = '') => line.split(/ {2,}/)
const rowOf = (text: string, first: string) => cells(text.split('\n').find((line) => line.startsWith(`${first} `)))

describe('BUYER-02 the comparison of six providers', () => {
  test('in a terminal: GPU, price, how it moves, model and place, cheapest first, unknown last', () => {
    const text = terminal(six)
    const lines = text.split('\n')
    const head = lines.findIndex((line) => line.startsWith('Provider'))
    expect(cells(lines[head])).toEqual(['Provider', 'GPU', '$/GPU-h', '±', 'Model', 'Region', 'Verdict'])
    expect(lines.slice(head + 1, head + 7).map((line) => cells(line)[0])).toEqual([
      'Render',
      'Akash',
      'io.net',
      'Berlin Rack GmbH & Co',
      'AWS Spot',
      'Nosana',
    ])
    expect(rowOf(text, 'Akash')).toEqual(['Akash', 'h100-80gb-sxm', '$1.62', '±15%', 'auction', '–', 'not bookable'])
    expect(rowOf(text, 'AWS Spot').slice(2)).toEqual(['$22.4192', '±2.4%', 'spot', 'use1-az1', 'fits'])
    expect(rowOf(text, 'Nosana')).toEqual(['Nosana', '–', '–', '–', '–', '–', 'no such GPU'])
  })

  test('PRICE-02 on a phone: three columns, no wider than 38, prices to the cent, spreads in a line of words', () => {
    const message = phone(six)
    const [table = ''] = tablesOf(message)
    const lines = table.split('\n')
    expect(cells(lines[0])).toEqual(['Provider', '$/GPU-h', 'Verdict'])
    expect(lines).toHaveLength(7)
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(38)
    expect(lines.map((line) => cells(line)[1])).toEqual(['$/GPU-h', '≈$1.25', '$1.62', '$1.90', '$1.93', '$22.42', '–'])
    expect(message.text).toContain('How far prices move: Akash ±15%, AWS Spot ±2.4%.')
  })

  test('an estimate is marked and the mark explained, only where there is one', () => {
    expect(rowOf(terminal(six), 'Render').slice(2)).toEqual(['≈$1.25', '–', 'fixed', 'DE', 'estimate'])
    expect(terminal(six)).toContain('≈ is an estimate from a rate card; nobody offers at it.')
    expect(terminal([offer('ionet:1', 2)])).not.toContain('≈')
  })

  test('an offer with a price stands for its provider before one without', () => {
    const small = offer('aws-spot:0', 0, { gpusPerNode: 1, price: nodePrice(1, 1) })
    const far = offer('aws-spot:1', 3, { region: ['na'] })
    expect(rowOf(terminal([small, far], { gpuCount: 2, regions: ['eu'] }), 'AWS Spot').slice(2)).toEqual([
      '$3.00',
      '–',
      'fixed',
      'NA',
      'elsewhere',
    ])
  })
})

test('PRICE-06 the words say by what equals were sorted; the loser says what it lost by', () => {
  const text = terminal(six, { sort: 'uptime' })
  expect(text).toContain('Recommended: Berlin Rack GmbH & Co · Berlin')
  expect(text).toContain('Sorted by uptime among the 2 offers within 2 % of the cheapest that fits.')
  expect(text).toMatch(/- io\.net · DE, \$1\.90: less uptime, \$0\.03 cheaper/)
  expect(terminal(six)).not.toContain('Sorted by')
  expect(phone(six, { sort: 'uptime' }).text).toContain('Sorted by uptime among the 2 offers')
})

test('AGENT-05 an alternative with another GPU names it', () => {
  const nvl = { id: 'h100-94gb-nvl', family: 'h100', memoryGib: 94, interface: 'nvl' as const }
  expect(terminal([offer('ionet:1', 2), offer('necto:7', 2.5, { gpu: nvl })])).toContain(
    '- Berlin Rack GmbH & Co · DE, h100-94gb-nvl, $2.50: $0.50 dearer (25.0 %)',
  )
})

describe('AGENT-01 when nothing fits', () => {
  test('what would help: up to three ways, the cheapest first', () => {
    const offers = [
      offer('ionet:1', 3),
      offer('necto:7', 3.4),
      offer('akash:1', 2, { region: ['na', 'us'] }),
      offer('nosana:1', 1.5, { gpu: a100 }),
      offer('render:1', 2.2, { runtimes: ['process'] }),
    ]
    const text = terminal(offers, { maxUsdPerGpuHour: usd(2.5), regions: ['eu'] })
    expect(text).toContain(
      'What would help: 1 fits at $1.50 per GPU-hour with another GPU (a100-80gb-sxm); or 1 fits at $2.00 per GPU-hour in another region; or 1 fits at $2.20 per GPU-hour if it ran the other way: image or plain process.',
    )
    expect(text).not.toContain('$3.40 per GPU-hour with a higher limit')
    expect(phone(offers, { maxUsdPerGpuHour: usd(2.5), regions: ['eu'] }).text).toContain('What would help: 1 fits at')
  })

  test('a price limit alone: 3 fit at $3.40', () => {
    const offers = [offer('ionet:1', 3), offer('akash:1', 3.2), offer('necto:7', 3.4), offer('necto:8', 9)]
    expect(terminal(offers, { maxUsdPerGpuHour: usd(2.5) })).toContain(
      'What would help: 3 fit at $3.40 per GPU-hour with a higher limit.',
    )
  })

  test('GPUs that Necto does not know are counted as such, not as the asked one', () => {
    const { gpu: _, ...odd } = offer('akash:2', 1, { rawGpu: 'H100 Super' })
    expect(terminal([odd, offer('ionet:1', 3)], { maxUsdPerGpuHour: usd(1) })).toContain(
      '2 offers seen, 1 of this GPU, 0 fit. Rejected: 1 × over the price limit, 1 × unknown GPU name.',
    )
  })
})
