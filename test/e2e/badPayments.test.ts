// Bad payments, end to end: whatever is signed wrongly, twice or too late is refused with its reason, and no money moves.
import type { PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { depositOf } from '../../core/escrow/metering.ts'
import { signQuote } from '../../core/escrow/quoteSignature.ts'
import { encodeRouterCall, type RouterCall, tryRouterCall } from '../../core/escrow/routerCall.ts'
import { hashTerms, parseTerms, type Terms } from '../../core/escrow/terms.ts'
import { encodeApprove } from '../../core/escrow/usdc.ts'
import { perJobHour } from '../../core/money.ts'
import { accounts } from '../world/startWorld.ts'
import type { PayLinkOptions, Payment } from '../world/wallet/wallet.ts'
import { buttonsOf, createBuyer, dataOf } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

// What a payer may do wrongly, and the code of the refusal.
const WRONG_PAYMENTS: readonly [string, Partial<PayLinkOptions>, Partial<Payment>][] = [
  ['an amount that is not signed', { tamper: (body) => ({ ...body, value: '1' }) }, { code: 'wrong-amount' }],
  ['another chain', { tamper: (body) => ({ ...body, chainId: 8453 }) }, { code: 'wrong-chain' }],
  ['altered terms', { tamper: (body) => ({ ...body, jobId: `0x${'11'.repeat(32)}` }) }, { code: 'altered-terms' }],
  [
    'an altered authorization',
    { tamper: (body) => ({ ...body, validBefore: String(BigInt(body.validBefore) + 1n) }) },
    { code: 'bad-authorization' },
  ],
  [
    'somebody else’s wallet',
    { tamper: (body) => ({ ...body, from: accounts.payer.address }) },
    { code: 'bad-authorization' },
  ],
  [
    'a signature over a smaller amount',
    { tamperTypedData: (data) => ({ ...data, message: { ...data.message, value: '1' } }) },
    { code: 'bad-authorization' },
  ],
  [
    'a signature for another chain',
    { tamperTypedData: (data) => ({ ...data, domain: { ...data.domain, chainId: 8453 } }) },
    { code: 'bad-authorization' },
  ],
  ['no refund address', { refundTo: 'my wallet' }, { outcome: 'terms-refused', code: 'bad-address' }],
]
const RUNNABLE = 'h100 x1 4h max 3 run sh -c "sleep 1; echo done"'

let stage: Stage
let wallets: PrivateKeyAccount[]
let people = 7500
const newBuyer = (firstName: string) => createBuyer(stage, { id: people++, firstName })
const holds = (account: { address: `0x${string}` }) => stage.holds(account)

/** Posts JSON to the pages. */
async function post(url: string, body: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, json: z.record(z.string(), z.unknown()).parse(await answer.json()) }
}

beforeAll(async () => {
  stage = await openStage({ seed: 'bad-payments' })
  await stage.startNecto()
  const funded = (async () => {
    const made: PrivateKeyAccount[] = []
    for (const usdc of [50n, 50n, 0n, 50n, 50n]) made.push(await stage.wallet(usdc))
    await stage.world.escrow.usdc.mint(accounts.stranger.address, 100_000_000n)
    return made
  })()
  await stage.openShop()
  wallets = await funded
})
afterAll(() => stage.close())

describe('what is paid', () => {
  test.concurrent('wrong payments are refused and said so; then the right one pays, once', async () => {
    const buyer = newBuyer('Ray')
    const [wallet = expect.unreachable()] = wallets
    const { ref } = await buyer.ask(RUNNABLE)
    const url = await buyer.order(ref)
    for (const [name, tampering, refusal] of WRONG_PAYMENTS) {
      const refused = await buyer.pay(url, wallet, { ...tampering, waitMs: 0 })
      expect(refused, name).toMatchObject({ outcome: 'refused', ...refusal })
      expect(refused.why, name).toContain('No money moved')
    }
    expect(await buyer.pay(`${url}x`, wallet)).toMatchObject({ outcome: 'no-page', pageStatus: 404 })
    expect(await holds(wallet)).toBe(50_000_000n)
    expect(await stage.eventsOf(ref)).toEqual([])

    const paid = await buyer.pay(url, wallet)
    expect(paid).toMatchObject({ outcome: 'in-escrow' })
    expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'terms-refused', code: 'already-paid' })
    expect(await post(`${url}/authorization`, paid.body)).toMatchObject({
      status: 409,
      json: { code: 'already-paid', why: expect.stringContaining('No second payment is taken') },
    })
    const shown = await buyer.shows(ref, 'Charged')
    expect(shown.text).toMatch(/Returned: 9\.\d+ USDC/)
    const events = await stage.eventsOf(ref)
    expect(events.map((event) => event.name)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])

    const stranger = newBuyer('Eve')
    expect((await stranger.tell(`logs ${ref}`)).text).toContain('is no job of yours')
    expect((await stranger.tell('logs please')).text).toContain('Which job?')
  })

  test.concurrent('an authorization replayed for another job is refused', async () => {
    const buyer = newBuyer('Rex')
    const [, wallet = expect.unreachable()] = wallets
    const one = await buyer.ask(RUNNABLE)
    const oneUrl = await buyer.order(one.ref)
    const two = await buyer.ask(RUNNABLE)
    const twoUrl = await buyer.order(two.ref)
    await post(`${twoUrl}/terms`, { refundTo: wallet.address })
    const paid = await buyer.pay(oneUrl, wallet)
    expect(paid.outcome).toBe('in-escrow')
    const replayed = await post(`${twoUrl}/authorization`, paid.body)
    expect(replayed).toMatchObject({ status: 409, json: { code: 'altered-terms' } })
    expect(String(replayed.json.why)).toContain('No money moved')
    // The same with the other job's id on it: the signature is of other terms.
    const { jobId } = (await post(`${twoUrl}/terms`, { refundTo: wallet.address })).json
    expect(await post(`${twoUrl}/authorization`, { ...paid.body, jobId })).toMatchObject({
      status: 422,
      json: { code: 'bad-authorization' },
    })
    await buyer.shows(one.ref, 'Charged')
    expect(await stage.eventsOf(two.ref)).toEqual([])
    expect(await buyer.press(two.ref, 'Cancel')).toBe('Cancelled. No money moved.')
  })

  test.concurrent('a wallet without USDC: the relay’s trial refuses, the message says so, a funded wallet pays', async () => {
    const buyer = newBuyer('Poe')
    const [, , poor = expect.unreachable(), rich = expect.unreachable()] = wallets
    const { ref } = await buyer.ask(RUNNABLE)
    const url = await buyer.order(ref)
    expect(await buyer.pay(url, poor)).toMatchObject({ outcome: 'handed-back' })
    const shown = await buyer.shows(ref, 'the payment was refused')
    expect(shown.text).toContain('the wallet holds too little USDC. No money moved.')
    expect(await stage.eventsOf(ref)).toEqual([])
    expect(buttonsOf(shown)).toContain('Open the payment page')
    expect(await buyer.pay(url, rich)).toMatchObject({ outcome: 'in-escrow' })
    const ended = await buyer.shows(ref, 'Charged')
    expect(ended.text).not.toContain('refused')
    const events = await stage.eventsOf(ref)
    expect(events.map((event) => event.name)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
    expect(await holds(poor)).toBe(0n)
  })

  test.concurrent('straight to the contract: only terms of ours, once; a second payment for a job goes back', async () => {
    const { escrow } = stage.world
    const { stranger } = accounts
    const { chainId, router } = escrow.deployed
    const buyer = newBuyer('Max')
    const [, , , , wallet = expect.unreachable()] = wallets
    const { ref } = await buyer.ask(RUNNABLE)
    const url = await buyer.order(ref)
    const issued = (await post(`${url}/terms`, { refundTo: stranger.address })).json
    const terms = parseTerms(issued.terms) ?? expect.unreachable('no terms')
    const signature = z.templateLiteral(['0x', z.string()]).parse(issued.quoteSignature)
    await escrow.send(
      stranger,
      escrow.usdc.address,
      encodeApprove({ spender: router, amountMicroUsd: depositOf(terms) * 10n }),
    )
    const had = await holds(stranger)

    const cheaper: Terms = { ...terms, pricePerHour: perJobHour(1n) }
    const attempts: [string, RouterCall & { verb: 'fund' }, string][] = [
      ['altered terms', { verb: 'fund', terms: cheaper, quoteSignature: signature }, 'QuoteNotSigned'],
      [
        'terms signed by somebody else',
        {
          verb: 'fund',
          terms: cheaper,
          quoteSignature: await signQuote({ terms: cheaper, chainId, router, quoter: stranger }),
        },
        'QuoteNotSigned',
      ],
      ['unsigned terms', { verb: 'fund', terms, quoteSignature: '0x' }, 'QuoteNotSigned'],
      [
        'terms signed for another chain',
        {
          verb: 'fund',
          terms,
          quoteSignature: await signQuote({ terms, chainId: 8453, router, quoter: accounts.quoter }),
        },
        'QuoteNotSigned',
      ],
    ]
    /** Sent in earnest, with gas enough to be mined and to fail there. */
    const sendAnyway = async (call: RouterCall) => {
      const data = encodeRouterCall(call)
      const sender = escrow.wallet(stranger)
      return (await sender.sendTransactionSync({ to: router, data, gas: 1_000_000n, throwOnReceiptRevert: false }))
        .status
    }
    for (const [name, call, error] of attempts) {
      const tried = await tryRouterCall({ client: escrow.client, router, call, from: stranger.address })
      expect(tried, name).toMatchObject({ ok: false, error })
    }
    expect(await sendAnyway(attempts[1]?.[1] ?? expect.unreachable())).toBe('reverted')
    expect(await holds(stranger)).toBe(had)
    expect(await stage.eventsOf(ref)).toEqual([])

    // The payer's own terms come first; the stranger's, signed by us a moment before, go back in full.
    expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'in-escrow' })
    expect(await sendAnyway({ verb: 'fund', terms, quoteSignature: signature })).toBe('success')
    expect(await sendAnyway({ verb: 'fund', terms, quoteSignature: signature })).toBe('reverted')
    await buyer.shows(ref, 'Charged')
    const back = await until('the second deposit to go back', async () =>
      (await stage.eventsOf(ref)).find((event) => event.name === 'JobRefunded'),
    )
    expect(back).toMatchObject({
      id: hashTerms({ terms, chainId, router }),
      refundTo: stranger.address,
      refundedMicroUsd: depositOf(terms),
    })
    expect(await holds(stranger)).toBe(had)
    const events = await stage.eventsOf(ref)
    expect(events.filter((event) => event.name === 'JobSettled')).toHaveLength(1)
    expect(events.filter((event) => event.name === 'JobStarted')).toHaveLength(1)
  })
})

describe('with quotes of six seconds', () => {
  beforeAll(async () => {
    await expect(stage.stopNecto()).resolves.toBe(0)
    await stage.startNecto({ QUOTE_SECONDS: '6' })
  })

  test.concurrent('a quote that ran out unpressed: refused, a new scan offered, and that works', async () => {
    const { telegram } = stage.world
    const buyer = newBuyer('Lea')
    const { ref, entry } = await buyer.ask(`tracked ${RUNNABLE}`)
    const lapsed = await buyer.shows(ref, 'The quote ran out before it was paid')
    expect(lapsed.text).toContain('No money moved')
    expect(buttonsOf(lapsed)).toEqual(['Scan again'])
    expect(await telegram.pressForged(buyer.user, buyer.message(ref), dataOf(entry, 'Pay up to'))).toMatchObject({
      text: 'This button has expired. Send the command again for a fresh one.',
    })
    const after = buyer.seen()
    expect(await buyer.press(ref, 'Scan again')).toMatch(/^Scanning again, as /)
    const again = await buyer.see((one) => one.text.includes('Recommended: Berlin Rack'), { after })
    expect(again.text).not.toContain(ref)
    expect(buttonsOf(again).some((text) => text.startsWith('Pay up to'))).toBe(true)
  })

  test.concurrent('a quote that ran out on the pay page: page, signature and chain refuse it', async () => {
    const { escrow } = stage.world
    const buyer = newBuyer('Len')
    const [wallet = expect.unreachable()] = wallets
    const { ref } = await buyer.ask(RUNNABLE)
    const url = await buyer.order(ref)
    const had = await holds(wallet)
    let terms: Terms | undefined
    let quoteSignature: `0x${string}` = '0x'
    // The payer opens the page in time, reads for too long, and signs then.
    const late = await buyer.pay(url, wallet, {
      async send(to, init) {
        if (to.endsWith('/authorization')) await buyer.shows(ref, 'The quote ran out')
        const answer = await fetch(to, init)
        if (to.endsWith('/terms')) {
          const issued = z
            .object({ terms: z.unknown(), quoteSignature: z.templateLiteral(['0x', z.string()]) })
            .parse(await answer.clone().json())
          terms = parseTerms(issued.terms)
          quoteSignature = issued.quoteSignature
        }
        return answer
      },
    })
    expect(late).toMatchObject({ outcome: 'refused', code: 'expired' })
    expect(late.why).toContain('No money moved')
    expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'terms-refused', code: 'expired', pageStatus: 200 })
    // An Untracked job that has ended points at nobody any more, so there is no button to press.
    expect(buyer.message(ref).text).toContain('Send the command again for today’s prices')
    expect(await (await fetch(url)).text()).toContain('This quote has run out')
    const { fundBy } = terms ?? expect.unreachable('no terms')
    await until('a block after the quote', async () => (await escrow.nowSeconds()) > fundBy)
    const call: RouterCall = { verb: 'fund', terms: terms ?? expect.unreachable('no terms'), quoteSignature }
    expect(
      await tryRouterCall({ client: escrow.client, router: escrow.deployed.router, call, from: wallet.address }),
    ).toMatchObject({ ok: false, error: 'QuoteExpired' })
    expect(await holds(wallet)).toBe(had)
    expect(await stage.eventsOf(ref)).toEqual([])
  })
})

test('the books are even: every micro-dollar is with seller, fee or payer, none is left behind', async () => {
  const events = await stage.events()
  const ended = events.filter((event) => event.name === 'JobSettled' || event.name === 'JobRefunded')
  expect(events.filter((event) => event.name === 'JobFunded')).toHaveLength(ended.length)
  const { provider, fees, escrow } = await stage.story.balances()
  const settled = events.filter((event) => event.name === 'JobSettled')
  expect(provider).toBe(settled.reduce((sum, event) => sum + event.toProviderMicroUsd, 0n))
  expect(fees).toBe(settled.reduce((sum, event) => sum + event.feeMicroUsd, 0n))
  expect(escrow).toBe(0n)
  const left = (await Promise.all(wallets.map(holds))).reduce((sum, amount) => sum + amount, 0n)
  expect(left + provider + fees).toBe(200_000_000n)
})
