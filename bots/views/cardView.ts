// The decision card: the recommendation with its arithmetic, what else fits and why it lost, and what was rejected.
import type { Card, Choice, ComparisonRow } from '../../core/jobs/card.ts'
import type { Block } from '../chat/view.ts'
import { showSeconds, showSpread, usd, usdInColumn } from './words.ts'

const MAX_ALTERNATIVES = 3
const MAX_REASONS = 6

const where = (choice: Choice) => [choice.providerName, choice.region].filter(Boolean).join(' · ')

/** The GPU is said only where it is not the chosen one's. */
const whatElse = (other: Choice, chosen: Choice) =>
  other.gpu === chosen.gpu ? where(other) : `${where(other)}, ${other.gpu}`

/** "necto, seen 02:47 UTC": the record has the whole instant. */
const shortSource = (source: string) => source.replace(/, \d{4}-\d\d-\d\dT(\d\d:\d\d)[\d:.]*Z$/, ', seen $1 UTC')

// The headline and "At most" say these two already; the record keeps them all.
const isShown = ({ label }: Choice['lines'][number]) => !/^(deposit for|effective price)/.test(label)

/** AGENT-04: the winner, its price per GPU-hour and for the whole job, and each term of the arithmetic with its source. */
function recommendation(choice: Choice, picked: boolean): Block[] {
  return [
    {
      kind: 'text',
      spans: [
        picked ? 'Your choice: ' : choice.notBookable === undefined ? 'Recommended: ' : 'Cheapest: ',
        { text: where(choice), style: 'bold' },
        `, ${choice.gpu}, `,
        { text: `${usd(choice.usdPerGpuHour)} per GPU-hour`, style: 'bold' },
        ` (${choice.model}${choice.volatility ? `, ${choice.volatility}` : ''})`,
      ],
    },
    {
      kind: 'facts',
      rows: [
        ...choice.lines.filter(isShown).map((line) => ({
          // Records keep the words of their engine.
          label: line.label.replace(/\b1 GPUs\b/g, '1 GPU'),
          value: [`${usd(line.usd)} `, { text: shortSource(line.source), style: 'italic' as const }],
        })),
        {
          label: 'At most',
          value: [
            { text: usd(choice.totalUsd), style: 'bold' as const },
            choice.notBookable === undefined ? ' into escrow; what is not used comes back' : ' for the whole time',
          ],
        },
        ...(choice.minSeconds > 0
          ? [{ label: 'At least', value: [`${showSeconds(choice.minSeconds)} are charged once it starts`] }]
          : []),
      ],
    },
    ...(choice.notBookable === undefined
      ? []
      : [{ kind: 'note' as const, text: `A price to compare, not to book here: ${choice.notBookable}.` }]),
  ]
}

/** BUYER-02: the best of every provider side by side; few columns fit a phone, all of them a terminal. */
export function comparisonTable({ comparison }: Card, columns: 'few' | 'all' = 'few'): Block {
  const shown = COLUMNS.filter(({ inFew }) => columns === 'all' || inFew)
  return {
    kind: 'table',
    columns: shown.map(({ title, align }) => ({ title, align })),
    rows: comparison.map((row) => shown.map(({ cell }) => cell(row, columns))),
  }
}

const COLUMNS: readonly {
  title: string
  align: 'left' | 'right'
  inFew: boolean
  cell: (row: ComparisonRow, columns: 'few' | 'all') => string
}[] = [
  { title: 'Provider', align: 'left', inFew: true, cell: ({ providerName }) => providerName },
  { title: 'GPU', align: 'left', inFew: false, cell: ({ gpu }) => gpu || '–' },
  { title: '$/GPU-h', align: 'right', inFew: true, cell: shownPrice },
  { title: '±', align: 'right', inFew: false, cell: ({ volatilityBps }) => showSpread(volatilityBps) || '–' },
  { title: 'Model', align: 'left', inFew: false, cell: ({ model }) => model || '–' },
  { title: 'Region', align: 'left', inFew: false, cell: ({ region }) => region || '–' },
  { title: 'Verdict', align: 'left', inFew: true, cell: ({ verdict }) => verdict },
]

/** To the cent where there is little room; the arithmetic has every figure whole. */
function shownPrice({ usdPerGpuHour, estimated }: ComparisonRow, columns: 'few' | 'all'): string {
  if (usdPerGpuHour === undefined) return '–'
  return `${estimated ? '≈' : ''}${columns === 'few' ? usdInColumn(usdPerGpuHour) : usd(usdPerGpuHour)}`
}

/** The table with the words it needs: what decided among equals, what its marks mean, how far prices move. */
function comparison(card: Card, columns: 'few' | 'all' = 'few'): Block[] {
  const moving = card.comparison.filter(({ volatilityBps }) => volatilityBps !== undefined)
  const moves = moving.map(({ providerName, volatilityBps }) => `${providerName} ${showSpread(volatilityBps)}`)
  const notes = [
    ...(card.sorted ? [card.sorted] : []),
    // PRICE-02, PRICE-05
    ...(columns === 'few' && moves.length > 0 ? [`How far prices move: ${moves.join(', ')}.`] : []),
    ...(card.comparison.some(({ estimated }) => estimated)
      ? ['≈ is an estimate from a rate card; nobody offers at it.']
      : []),
  ]
  return [comparisonTable(card, columns), ...notes.map((text) => ({ kind: 'note' as const, text }))]
}

/** Who would do but cannot be booked: all of them when nothing else fits, else only those that would be cheaper. */
function nearMisses({ nearMisses, choice }: Card): Block[] {
  const told = nearMisses.filter(({ usdPerGpuHour }) => !choice || usdPerGpuHour < choice.usdPerGpuHour)
  if (told.length === 0) return []
  return [
    { kind: 'text', spans: [{ text: 'Would fit, but cannot be booked', style: 'bold' }] },
    { kind: 'list', items: told.map(({ name, usdPerGpuHour, why }) => [`${name}, ${usd(usdPerGpuHour)}: ${why}`]) },
  ]
}

function rejections(card: Card): Block[] {
  const { offersTotal, offersOfGpu, offersFitting, histogram } = card
  const seen = `${offersTotal} offers seen, ${offersOfGpu} of this GPU, ${offersFitting} ${offersFitting === 1 ? 'fits' : 'fit'}`
  if (histogram.length === 0) return [{ kind: 'note', text: `${seen}.` }]
  const reasons = histogram.slice(0, MAX_REASONS).map(({ reason, count }) => `${count} × ${reason}`)
  return [{ kind: 'text', spans: [`${seen}. Rejected: ${reasons.join(', ')}.`] }]
}

const tokenNotes = ({ tokenNotes }: Card): Block[] => (tokenNotes ?? []).map((text) => ({ kind: 'note', text }))

/** The whole decision; `pick` is the offer a person chose instead; `pricesOnly`: nothing was to be booked. */
export function cardBlocks(
  card: Card,
  options: {
    pick?: string | undefined
    columns?: 'few' | 'all'
    pricesOnly?: boolean
    alternatives?: 'few' | 'all'
  } = {},
): Block[] {
  const { pick, columns, pricesOnly, alternatives = 'few' } = options
  const { choice } = card
  if (!choice) {
    return [
      {
        kind: 'text',
        spans: pricesOnly
          ? [{ text: 'Nothing fits.', style: 'bold' }]
          : [{ text: 'Nothing that fits can be booked.', style: 'bold' }, ' No money was asked for.'],
      },
      ...nearMisses(card),
      ...rejections(card),
      ...(card.relaxations.length > 0
        ? [{ kind: 'text' as const, spans: [`What would help: ${card.relaxations.join('; or ')}.`] }]
        : []),
      ...(card.comparison.length > 0 ? comparison(card, columns) : []),
      ...tokenNotes(card),
    ]
  }
  return [
    ...recommendation(choice, pick !== undefined),
    ...tokenNotes(card),
    ...(card.alternatives.length > 0
      ? [
          { kind: 'text' as const, spans: [{ text: 'Alternatives', style: 'bold' as const }] },
          {
            kind: 'list' as const,
            items: card.alternatives
              .slice(0, alternatives === 'all' ? undefined : MAX_ALTERNATIVES)
              .map(({ choice: other, why }) => [`${whatElse(other, choice)}, ${usd(other.usdPerGpuHour)}: ${why}`]),
          },
        ]
      : []),
    ...comparison(card, columns),
    ...nearMisses(card),
    ...rejections(card),
    ...(card.naive ? [{ kind: 'note' as const, text: card.naive }] : []),
  ]
}
