// The shell of every page, and views (the same that chats show) as HTML; everything put in is escaped.
import { html, raw } from 'hono/html'
import { cleanText } from '../chat/safeText.ts'
import type { Block, Span, StepState } from '../chat/view.ts'

export type Html = ReturnType<typeof html>

/** One page. `scripts` are modules of bots/web/browser; `data` becomes data-* attributes of <main>. */
export function page(options: {
  title: string
  assets: string
  body: Html
  scripts?: readonly string[]
  data?: Readonly<Record<string, string>>
  /** For tables of many columns. */
  wide?: boolean
}): Html {
  const { title, assets, body, scripts = [], data = {}, wide = false } = options
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${cleanText(title)} · Necto</title>
<link rel="stylesheet" href="${assets}/style.css">
${scripts.map((script) => html`<script type="module" src="${assets}/${script}"></script>\n`)}
</head>
<body${wide ? raw(' class="wide"') : ''}>
<header><p class="brand">Necto</p></header>
<main${dataHtml(data)}>
${body}
</main>
</body>
</html>
`
}

/** data-* attributes, for scripts. */
export const dataHtml = (data: Readonly<Record<string, string>>): Html =>
  html`${Object.entries(data).map(([key, value]) => html` data-${raw(key)}="${value}"`)}`

/** Blocks of a view; the first heading is the page's own. */
export function blocksHtml(blocks: readonly Block[]): Html {
  return html`${blocks.map((block) => blockHtml(block))}`
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return html`<h1>${cleanText(block.text)}</h1>\n`
    case 'text':
      return html`<p>${spansHtml(block.spans)}</p>\n`
    case 'steps':
      return html`<ul class="steps">${block.items.map(
        ({ state, lead, text }) =>
          html`<li class="${state}">${lead ? `${cleanText(lead)} ` : ''}<b>${STEP_WORDS[state]}</b> ${cleanText(text)}</li>`,
      )}</ul>\n`
    case 'table':
      return tableHtml({
        columns: block.columns,
        rows: block.rows.map((row) => row.map((cell) => html`${cleanText(cell)}`)),
      })
    case 'facts':
      return html`<dl>${block.rows.map(
        ({ label, value }) => html`<dt>${cleanText(label)}</dt><dd>${spansHtml(value)}</dd>`,
      )}</dl>\n`
    case 'list':
      return html`<ul>${block.items.map((spans) => html`<li>${spansHtml(spans)}</li>`)}</ul>\n`
    case 'code':
      return html`<pre>${cleanText(block.text)}</pre>\n`
    case 'note':
      return html`<p class="note">${cleanText(block.text)}</p>\n`
  }
}

const STEP_WORDS: Record<StepState, string> = {
  waiting: 'next',
  working: 'now',
  done: 'done',
  failed: 'failed',
  skipped: 'left out',
}

/** A run of text in one line. */
export function spansHtml(spans: readonly Span[]): Html {
  return html`${spans.map((span) => {
    if (typeof span === 'string') return html`${cleanText(span)}`
    const text = html`${cleanText(span.text)}`
    if (span.href !== undefined) return linkHtml(span.href, text)
    if (span.style === 'bold') return html`<b>${text}</b>`
    if (span.style === 'italic') return html`<i>${text}</i>`
    return span.style === 'code' ? html`<code>${text}</code>` : text
  })}`
}

/** A link to one of our pages or to http(s); anything else stays text. */
export function linkHtml(href: string, text: Html | string): Html {
  return /^(https?:\/\/|\/)/.test(href) ? html`<a href="${href}">${text}</a>` : html`${text}`
}

/** Label and value in two columns; a row without a value is left out. */
export const factsHtml = (rows: readonly (readonly [label: string, value: Html | string | undefined])[]): Html =>
  html`<dl>${rows.map(([label, value]) => (value === undefined ? '' : html`<dt>${label}</dt><dd>${value}</dd>`))}</dl>\n`

/** An address or hash with its last four digits stressed, which is what people compare. */
export const stressedHtml = (hex: string): Html =>
  html`<span class="hex">${hex.slice(0, -4)}<b>${hex.slice(-4)}</b></span>`

/** A table that scrolls by itself on a narrow screen. */
export function tableHtml(options: {
  columns: readonly { readonly title: string; readonly align: 'left' | 'right' }[]
  rows: readonly (readonly Html[])[]
  caption?: string
}): Html {
  const { columns, rows, caption } = options
  const cell = (value: Html, column: number) =>
    html`<td${columns[column]?.align === 'right' ? raw(' class="right"') : ''}>${value}</td>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption ?? 'Table'}"><table>
${caption ? html`<caption>${caption}</caption>` : ''}
<thead><tr>${columns.map(({ title, align }) => html`<th scope="col"${align === 'right' ? raw(' class="right"') : ''}>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>\n`
}
