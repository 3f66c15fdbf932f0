// The terms of a payment in words: what is bought, who is paid, at most how much, and what can go wrong.
import { html } from 'hono/html'
import { depositOf, owedOf } from '../../core/escrow/metering.ts'
import type { Job } from '../../core/jobs/job.ts'
import { safeName } from '../chat/safeText.ts'
import { showSeconds, usdc } from '../views/words.ts'
import { factsHtml, type Html, linkHtml, stressedHtml } from './html.ts'
import type { WebChain, WebOptions } from './webOptions.ts'

/** Everything the words are made of; undefined while nothing is sealed that could be paid. */
export interface Payable {
  readonly job: Job
  readonly selection: NonNullable<Job['selection']>
  /** The deposit. */
  readonly depositMicroUsd: bigint
  /** Whom the job pays directly; its wallet where the chain could be read. */
  readonly seller: { readonly name: string; readonly payout: string | undefined } | undefined
  readonly quoteExpiresAtMs: number
}

export async function toPayable(
  { context, readPayout }: Pick<WebOptions, 'context' | 'readPayout'>,
  job: Job,
): Promise<Payable | undefined> {
  const { selection, quoteExpiresAtMs, listingId } = job
  if (!selection || !quoteExpiresAtMs) return undefined
  const listing = listingId ? (await context.listings.get(listingId))?.value : undefined
  return {
    job,
    selection,
    depositMicroUsd: depositOf(metered(selection)),
    seller: listing && { name: safeName(listing.name), payout: await payoutOf(job, readPayout) },
    quoteExpiresAtMs,
  }
}

/** The listing's wallet may change while quotes are out: what is paid is what the terms' entry in the registry says. */
async function payoutOf({ terms, selection, funded }: Job, readPayout: WebOptions['readPayout']) {
  if (funded?.payout) return funded.payout
  const provider = terms?.provider ?? selection?.payee
  return provider && readPayout?.(provider).catch(() => undefined)
}

const metered = ({ usdPerHour, maxSeconds, minSeconds }: Payable['selection']) => ({
  pricePerHour: usdPerHour,
  maxSeconds,
  minSeconds,
})

const UNREAD = 'the wallet that the registry on chain names, which could not be read just now'

/** What is paid for and to whom. */
export function termsHtml(options: { payable: Payable; chain: WebChain; router: string }): Html {
  const { payable, chain, router } = options
  const { job, selection, depositMicroUsd, seller } = payable
  const { gpuCount, maxSeconds, usdPerHour, minSeconds, feeBps } = selection
  return factsHtml([
    ['What', `${job.card?.choice?.gpu ?? job.ask.gpu.family} ×${gpuCount}, for up to ${showSeconds(maxSeconds)}`],
    ['Price', `${usdc(usdPerHour)} per hour for the whole job, charged by the second`],
    ['You pay', html`<b>at most ${usdc(depositMicroUsd)}</b> into escrow; what is not used comes back`],
    [
      'Minimum',
      minSeconds > 0
        ? `${showSeconds(minSeconds)} are charged once anything ran (${usdc(owedOf(metered(selection), 1))}); nothing if it never starts`
        : 'none: only the seconds used are charged',
    ],
    [
      'Fee',
      `${feeBps / 100} %, out of what the seller gets; you pay nothing on top, and gas only if you choose to send it yourself`,
    ],
    [
      'Paid to',
      seller
        ? html`<b>${seller.name}</b>, the seller directly, at ${seller.payout ? stressedHtml(seller.payout) : UNREAD} (direct)`
        : html`<b>${safeName(job.card?.choice?.providerName ?? selection.provider)}</b>, through ${job.launch ? html`our settlement wallet at ${stressedHtml(job.launch.payout)}` : 'a settlement wallet'} that pays it on (broker)`,
    ],
    ['Chain', `${chain.name} (chain ${chain.chainId}), in USDC`],
    ['Escrow contract', html`${stressedHtml(router)} (compare with what your wallet shows)`],
    [
      'Terms’ hash',
      html`<span id="terms-hash">${job.jobId ? stressedHtml(job.jobId) : 'made once you give a refund address'}</span> (your wallet shows it as nonce)`,
    ],
    ['Why this offer', linkHtml(`/verify/${job.ref}`, 'Verify the decision')],
  ])
}

/** What can go wrong, and what happens then. */
export function risksHtml(startSeconds: number): Html {
  const risks = [
    `The job does not start within ${showSeconds(startSeconds)} of the quote’s end: the whole deposit goes back to the refund address. Anybody may trigger that on chain; you can from this page, also when Necto is gone.`,
    'The machine fails or the job crashes half-way: the seconds it ran are charged, the rest comes back. A program that ends with an error still used its time.',
    'You change your mind after paying: this page or the job’s stops it, from the refund address; the seconds used until then are charged.',
    'Necto disappears: 72 hours after the last paid second anybody can send the rest back to the refund address, from this page too.',
    'Refunds go to the refund address only. It must be a wallet of yours on this chain, not a deposit address of an exchange.',
    'USDC is issued by Circle, which can freeze addresses.',
  ]
  return html`<ul>${risks.map((risk) => html`<li>${risk}</li>`)}</ul>`
}
