// The decision card: the recommendation with its arithmetic, what else fits and why it lost, and what was rejected.
import type { Card, Choice } from '../../core/jobs/card.ts'
import type { Block } from '../chat/view.ts'
import { showSeconds, usd } from './words.ts'

const MAX_ALTERNATIVES = 3
const MAX_REASONS = 6

const where = (choice: Choice) => [choice.providerName, choice.region].filter(Boolean).join(' · ')

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
          label: line.label,
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

/** BUYER-02: the best of every provider side by side. */
export function comparisonTable(card: Card): Block {
  return {
    kind: 'table',
    columns: [
      { title: 'Provider', align: 'left' },
      { title: '$/GPU-h', align: 'right' },
      { title: 'Verdict', align: 'left' },
    ],
    rows: card.comparison.map((row) => [
      row.providerName,
      row.usdPerGpuHour === undefined ? '–' : usd(row.usdPerGpuHour),
      row.verdict,
    ]),
  }
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

/** The whole decision; `pick` is the offer a person chose instead, when one did. */
export function cardBlocks(card: Card, pick?: string): Block[] {
  const { choice } = card
  if (!choice) {
    return [
      {
        kind: 'text',
        spans: [{ text: 'Nothing that fits can be booked.', style: 'bold' }, ' No money was asked for.'],
      },
      ...nearMisses(card),
      ...rejections(card),
      ...(card.relaxation ? [{ kind: 'text' as const, spans: [`What would help: ${card.relaxation}`] }] : []),
      ...(card.comparison.length > 0 ? [comparisonTable(card)] : []),
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
              .slice(0, MAX_ALTERNATIVES)
              .map(({ choice: other, why }) => [`${where(other)}, ${usd(other.usdPerGpuHour)}: ${why}`]),
          },
        ]
      : []),
    comparisonTable(card),
    ...nearMisses(card),
    ...rejections(card),
    ...(card.naive ? [{ kind: 'note' as const, text: card.naive }] : []),
  ]
}
