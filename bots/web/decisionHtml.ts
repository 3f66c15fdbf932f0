// A decision record as people read it: what was asked, what won and why, who answered, and why each offer was rejected.
import { html } from 'hono/html'
import { toCard } from '../../core/jobs/toCard.ts'
import { printAsk } from '../../core/market/printAsk.ts'
import { isQuote } from '../../core/pricing/quote.ts'
import { engines } from '../../core/record/engines.ts'
import type { DecisionRecord } from '../../core/record/record.ts'
import { rejectionText } from '../../core/router/reasonText.ts'
import { cleanText } from '../chat/safeText.ts'
import { cardBlocks } from '../views/cardView.ts'
import { usd } from '../views/words.ts'
import { blocksHtml, type Html, tableHtml } from './html.ts'

/** `names` are people's names of sellers by offer id, which the record does not hold. */
export function decisionHtml(record: DecisionRecord, names: Readonly<Record<string, string>>): Html {
  return html`<h2>The decision</h2>
<p>Asked: <code>${cleanText(printAsk(record.ask))}</code>. ${askedBy(record)} Decided at ${utc(record.createdAtMs)} by engine ${record.engine}${record.pick === undefined ? '' : ', then another offer was picked by hand'}.</p>
${cardHtml(record, names)}
<h2>Who was asked</h2>
${providersHtml(record)}
${tokensHtml(record)}
<h2>Every offer</h2>
<details><summary>${record.offers.length} offers with their verdicts</summary>
${offersHtml(record, names)}
</details>`
}

const utc = (ms: number) =>
  html`<time class="nowrap">${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC</time>`

const askedBy = ({ user }: DecisionRecord) =>
  user
    ? `Tracked: by ${user.member.pseudonym}${user.team ? ` of ${user.team.pseudonym}` : ''} (pseudonyms).`
    : 'Untracked: the record names nobody.'

/** The same card as in the chat, made from the record alone by the engine that sealed it. */
function cardHtml(record: DecisionRecord, names: Readonly<Record<string, string>>): Html {
  const engine = engines[record.engine]
  if (!engine)
    return html`<p>Its engine is not known here, so its reasons cannot be shown; the raw bytes have them.</p>`
  const { decision } = engine(record)
  const { offers, quotes, tokens, createdAtMs: nowMs } = record
  return blocksHtml(cardBlocks(toCard({ decision, offers, quotes, tokens, names, nowMs }), { pick: record.pick }))
}

function providersHtml({ providers }: DecisionRecord): Html {
  return tableHtml({
    caption: 'Providers of the scan',
    columns: [
      { title: 'Provider', align: 'left' },
      { title: 'Outcome', align: 'left' },
      { title: 'Offers', align: 'right' },
      { title: 'Other GPUs', align: 'right' },
      { title: 'Evidence', align: 'left' },
    ],
    rows: providers.map(({ id, outcome, reason, partial, offers, otherFamilies, evidence }) => [
      html`${id}`,
      html`${cleanText([outcome, reason, partial].filter(Boolean).join(', '))}`,
      html`${offers}`,
      html`${otherFamilies}`,
      html`${evidence.length === 0 ? '–' : evidence.map(({ url, sha256, byteLength }) => html`<div>${cleanText(url)}, ${byteLength} bytes, SHA-256 <code>${sha256.slice(0, 12)}…</code></div>`)}`,
    ]),
  })
}

function tokensHtml({ tokens }: DecisionRecord): Html | string {
  if (tokens.length === 0) return ''
  return html`<h2>Token prices used</h2>${tableHtml({
    columns: [
      { title: 'Token', align: 'left' },
      { title: 'USD', align: 'right' },
      { title: 'Source', align: 'left' },
      { title: 'At', align: 'left' },
    ],
    rows: tokens.map(({ token, usdPerToken, source, atMs, lastKnown }) => [
      html`${token}`,
      html`${usdPerToken}`,
      html`${lastKnown ? `${source}, last known` : source}`,
      utc(atMs),
    ]),
  })}`
}

function offersHtml(
  { offers, quotes, verdicts, ranking, selection }: DecisionRecord,
  names: Readonly<Record<string, string>>,
): Html {
  const quoteOf = new Map(quotes.map((priced) => [priced.offerId, priced]))
  const verdictOf = new Map(verdicts.map(({ offerId, rejections }) => [offerId, rejections]))
  const place = new Map(ranking.map((id, i) => [id, i + 1]))
  const sorted = [...offers].sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0)
  return tableHtml({
    columns: [
      { title: 'Offer', align: 'left' },
      { title: 'GPU', align: 'left' },
      { title: '$/GPU-h', align: 'right' },
      { title: 'Verdict', align: 'left' },
    ],
    rows: sorted.map((offer) => {
      const priced = quoteOf.get(offer.id)
      const rejections = verdictOf.get(offer.id) ?? []
      const verdict =
        offer.id === selection?.offerId
          ? `selected, rank ${place.get(offer.id)}`
          : rejections.length > 0
            ? rejections.map(rejectionText).join('; ')
            : `fits, rank ${place.get(offer.id)}`
      return [
        html`${cleanText(names[offer.id] ?? offer.provider)}<br><code>${cleanText(offer.id)}</code>`,
        html`${cleanText(offer.gpu?.id ?? offer.rawGpu)}`,
        html`${priced && isQuote(priced) ? usd(priced.usdPerGpuHour) : '–'}`,
        html`${cleanText(verdict)}`,
      ]
    }),
  })
}
