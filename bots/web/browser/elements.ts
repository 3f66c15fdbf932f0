// Small pieces of a page, made of text alone.
import type { ProgressStep, StatusAnswer } from '../messages.ts'

export type Look = '' | 'bad' | 'good'

const STEP_WORDS = { waiting: 'next', working: 'now', done: 'done' }

export function paragraph(text: string): HTMLElement {
  return element('p', text)
}

export function element(tag: keyof HTMLElementTagNameMap, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.textContent = text
  return made
}

export function link(href: string, text: string): HTMLElement {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  return a
}

/** An address or hash with its last four digits stressed, which is what people compare. */
export function stressed(hex: string): HTMLElement {
  const span = element('span', hex.slice(0, -4), 'hex')
  span.append(element('b', hex.slice(-4)))
  return span
}

/** A link that saves bytes as a file. */
export function download(bytes: Uint8Array<ArrayBuffer>, name: string, label: string): HTMLElement {
  const a = document.createElement('a')
  a.className = 'button'
  a.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  a.download = name
  a.textContent = label
  return a
}

/** Fills the one message of a place; 'bad' and 'good' only colour what the words say. */
export function sayIn(
  place: HTMLElement | null,
  message: { text: string; look?: Look; tx?: Pick<StatusAnswer, 'txHash' | 'txUrl'> },
): void {
  const { text, look = '', tx = {} } = message
  if (!place) return
  place.className = `message ${look}`
  // Said again it would be read out again.
  if (place.textContent === text && !tx.txHash) return
  place.replaceChildren(text)
  if (tx.txUrl) place.append(' ', link(tx.txUrl, 'Transaction'))
  else if (tx.txHash) place.append(' ', element('code', tx.txHash))
}

/** Fills a place with how far something is; no steps: it is empty. */
export function showSteps(place: HTMLElement | null, steps: readonly ProgressStep[]): void {
  const list = document.createElement('ul')
  list.className = 'steps'
  for (const { state, text } of steps) {
    const item = element('li', '', state)
    item.append(element('b', STEP_WORDS[state]), ` ${text}`)
    list.append(item)
  }
  place?.replaceChildren(...(steps.length > 0 ? [list] : []))
}
