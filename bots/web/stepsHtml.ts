// The steps of a verification, one by one with a verdict above; the same on the server and in the reader's browser.
import { html } from 'hono/html'
import { restsOnChain } from '../../core/record/bundle.ts'
import type { Step } from '../../core/record/verifyRecord.ts'
import { cleanText } from '../chat/safeText.ts'
import { stepTitle } from '../views/stepTitle.ts'
import type { Html } from './html.ts'

/** `byWord`: what the chain holds was taken from a bundle, so whatever compares with it proves nothing. */
export function stepsHtml(steps: readonly Step[], { byWord = false } = {}): Html {
  const failed = steps.find(({ ok }) => ok === false)
  return html`<p class="message ${failed ? 'bad' : !byWord && steps.every(({ ok }) => ok) ? 'good' : ''}"><b>${failed ? `Failed: “${stepTitle(failed.step)}” does not hold.` : verdict(steps, byWord)}</b></p>
<ul class="steps">${steps.map(({ step, ok, detail }) => {
    const claimed = ok === true && byWord && restsOnChain(step)
    const state = ok === undefined ? 'not judged' : !ok ? 'failed' : claimed ? 'claimed' : 'ok'
    const look = claimed ? 'claimed' : ok === undefined ? '' : ok ? 'ok' : 'failed'
    return html`<li class="${look}" data-step="${step}"><b>${state}</b><span>${stepTitle(step)}<br><span class="note">${cleanText(withUnit(step, detail))}</span></span></li>`
  })}</ul>`
}

function verdict(steps: readonly Step[], byWord: boolean): string {
  const open = steps.filter(({ ok }) => ok === undefined).length
  const claimed = byWord ? steps.filter(({ step, ok }) => ok && restsOnChain(step)).length : 0
  const unjudged = open > 0 ? `, ${open} could not be judged` : ''
  const word = `, ${claimed} of them only compare with what the bundle says of the chain, which proves nothing`
  return `No step failed${unjudged}${claimed > 0 ? word : ''}.`
}

const UNITS: Readonly<Record<string, string>> = {
  length: 'bytes',
  'terms-price': 'micro-USDC per hour',
  'terms-seconds': 'seconds',
  'terms-min-seconds': 'seconds',
  'terms-fee': 'basis points',
}

/** The steps compare bare numbers; a page says what they count. */
const withUnit = (step: string, detail: string): string =>
  /^(expected \d+, (found|on chain) )?\d+$/.test(detail) && UNITS[step] ? `${detail} ${UNITS[step]}` : detail
