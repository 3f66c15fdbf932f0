// Terms and authorizations: what is refused and why, and that nothing is stored when it is.
import { getAddress } from 'viem'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { setCapacity } from '../supply/submitListing.ts'
import { type AuthorizationInput, acceptAuthorization } from './acceptAuthorization.ts'
import { applyRouterEvent } from './applyRouterEvent.ts'
import { abandonJob } from './changeOffer.ts'
import { issueTerms } from './issueTerms.ts'
import type { Job } from './job.ts'
import { orderJob } from './orderJob.ts'
import { relayState, utcDay } from './relayDay.ts'
import { seePayment, unseePayments } from './seePayment.ts'
import { createTestJobs, fundedEvent, otherPayer, payer, place, type TestJobs } from './testJobs.ts'
import { transition } from './transitions.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
let shop: TestJobs
beforeEach(async () => {
  shop = await createTestJobs({ clock })
})
const terms = (job: Job, refundTo: string) =>
  issueTerms({ context: shop.context, linkToken: job.linkToken ?? '', refundTo })

describe('orderJob', () => {
  test('what cannot be ordered is refused and changes nothing', async () => {
    const offered = await shop.scans(await shop.asks())
    const withoutWorkload = await shop.change(offered.ref, ({ workload: _, ...job }) => job)
    expect(withoutWorkload).toBeDefined()
    expect(await orderJob({ context: shop.context, ref: offered.ref })).toMatchObject({ code: 'not-payable' })
    expect(await orderJob({ context: shop.context, ref: 'AAAA-AAAA' })).toMatchObject({ code: 'unknown-link' })
    const short = await shop.scans(await shop.asks({ ask: { maxSeconds: 60 } }))
    expect(await orderJob({ context: shop.context, ref: short.ref })).toMatchObject({ code: 'not-payable' })
    expect((await shop.jobOf(short.ref)).state).toBe('offered')
  })

  test('an expired quote is refused', async () => {
    const offered = await shop.scans(await shop.asks())
    await clock.tick(900_000)
    expect(await orderJob({ context: shop.context, ref: offered.ref })).toMatchObject({ code: 'expired' })
  })

  test('MODE-03: the result key of an untracked job is in its session alone, of a tracked one in the job', async () => {
    const untracked = await shop.orders(await shop.scans(await shop.asks({ mode: 'untracked' })))
    const tracked = await shop.orders(await shop.scans(await shop.asks({ mode: 'tracked' })))
    expect(untracked.resultKey).toBeUndefined()
    expect((await shop.jobOf(untracked.ref)).resultKey).toBeUndefined()
    expect((await shop.context.sessions.get(untracked.ref))?.value.resultKey).toMatch(/^0x/)
    expect((await shop.jobOf(tracked.ref)).resultKey).toMatch(/^0x/)
    expect((await shop.context.sessions.get(tracked.ref))?.value.resultKey).toBeUndefined()
  })
})

describe('issueTerms', () => {
  let job: Job
  beforeEach(async () => {
    job = await shop.orders(await shop.scans(await shop.asks()))
  })

  test.each([
    ['', 'bad-address'],
    ['0x123', 'bad-address'],
    ['vitalik.eth', 'bad-address'],
    [`0x${'0'.repeat(40)}`, 'bad-address'],
    // One capital changed: the checksum does not hold.
    [
      payer.address
        .replace(/[a-f]/, (letter) => letter.toUpperCase())
        .replace(/[A-F](?=[^A-F]*$)/, (l) => l.toLowerCase()),
      'bad-address',
    ],
    [place.router, 'bad-address'],
    [place.usdc.toLowerCase(), 'bad-address'],
  ])('refuses %s as a refund address', async (refundTo, code) => {
    expect(await terms(job, refundTo)).toMatchObject({ ok: false, code })
    expect((await shop.jobOf(job.ref)).state).toBe('ordered')
    expect(await shop.reservations()).toEqual({})
  })

  test('the same address again is the same terms, another is other terms, both end with the quote', async () => {
    const [first, again, other] = [
      await terms(job, payer.address),
      await terms(job, payer.address.toLowerCase()),
      await terms(job, otherPayer.address),
    ]
    if (!first.ok || !again.ok || !other.ok) throw new Error('refused')
    expect(again.job.jobId).toBe(first.job.jobId)
    expect(other.job.jobId).not.toBe(first.job.jobId)
    expect(other.terms.fundBy).toBe(first.terms.fundBy)
    expect(Object.keys(await shop.reservations())).toEqual([job.ref])
  })

  test('ONBOARD-08: refused when the seller went offline before them, kept when after', async () => {
    const { listings } = shop.context
    await setCapacity({ listings, id: shop.listing.id, capacity: 'offline' })
    expect(await terms(job, payer.address)).toMatchObject({ code: 'no-capacity' })
    await setCapacity({ listings, id: shop.listing.id, capacity: 'available' })
    expect((await terms(job, payer.address)).ok).toBe(true)
    await setCapacity({ listings, id: shop.listing.id, capacity: 'offline' })
    expect((await terms(job, otherPayer.address)).ok).toBe(true)
  })

  const address = (n: number) => getAddress(`0x${n.toString(16).padStart(40, '0')}`)

  test('whoever has the link can hold what the order asks for, once, until the quote ends, and uses up nobody’s terms', async () => {
    const holds = { [job.ref]: { gpuCount: 1, untilMs: job.quoteExpiresAtMs } }
    const mine = await terms(job, payer.address)
    if (!mine.ok) throw new Error(mine.why)
    const stored = await shop.context.jobs.get(job.ref)
    const ids = new Set<string | undefined>()
    for (let n = 1; n <= 60; n++) {
      const answer = await terms(job, address(n))
      if (!answer.ok) throw new Error(answer.why)
      expect(answer.terms).toEqual({ ...mine.terms, refundTo: address(n) })
      ids.add(answer.job.jobId)
    }
    expect(ids.size).toBe(60)
    // Neither more GPUs nor a moment longer than the quote, nothing stored, and the terms given first are what they were.
    expect(await shop.reservations()).toEqual(holds)
    expect(await shop.context.jobs.get(job.ref)).toEqual(stored)
    expect(await terms(job, payer.address)).toMatchObject({ ok: true, job: { jobId: mine.job.jobId } })
    expect(await shop.pays({ ...mine.job, terms: mine.terms })).toMatchObject({ ok: true })
  })

  test('whoever comes after a stranger pays on terms of his own', async () => {
    for (let n = 1; n <= 60; n++) await terms(job, address(n))
    const mine = await shop.signs(job, otherPayer.address)
    expect(await shop.pays(mine, otherPayer)).toMatchObject({
      ok: true,
      job: { jobId: mine.jobId, terms: { refundTo: otherPayer.address }, quoteSignature: mine.quoteSignature },
    })
  })

  test('many at once are all of one quote, and each stays what was answered', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => terms(job, address(n + 1))))
    for (const [n, answer] of answers.entries()) {
      const again = await terms(job, address(n + 1))
      if (!answer.ok || !again.ok) throw new Error('refused')
      expect([again.terms, again.job.quoteSignature]).toEqual([answer.terms, answer.job.quoteSignature])
    }
    expect(Object.keys(await shop.reservations())).toEqual([job.ref])
  })

  test('a payment seen in a block stops further terms; a block taken back lets them be asked for again', async () => {
    const first = await terms(job, payer.address)
    if (!first.ok) throw new Error(first.why)
    const event = fundedEvent(first.terms)
    await seePayment(shop.context, event)
    expect(await shop.jobOf(job.ref)).toMatchObject({
      state: 'signed',
      paymentTx: { txHash: event.at.transactionHash },
    })
    expect(await terms(job, otherPayer.address)).toMatchObject({ code: 'already-paid' })
    await unseePayments(shop.context, event.at.blockNumber + 1n)
    expect((await shop.jobOf(job.ref)).paymentTx).toBeDefined()
    await unseePayments(shop.context, event.at.blockNumber)
    expect(await terms(job, otherPayer.address)).toMatchObject({ ok: true })
  })

  test('a deposit that the payer’s own wallet sent moves a signed job to funded, also by terms that were issued before', async () => {
    const first = await terms(job, payer.address)
    if (!first.ok) throw new Error(first.why)
    await terms(job, otherPayer.address)
    await seePayment(shop.context, fundedEvent(first.terms))
    expect(await applyRouterEvent(shop.context, fundedEvent(first.terms))).toBeUndefined()
    const funded = await shop.jobOf(job.ref)
    expect(funded).toMatchObject({ state: 'funded', jobId: first.job.jobId, terms: { refundTo: payer.address } })
    expect([funded.paymentTx, funded.cancelReason]).toEqual([undefined, undefined])
    await seePayment(shop.context, fundedEvent(first.terms))
    expect((await shop.jobOf(job.ref)).paymentTx).toBeUndefined()
  })

  test('of two jobs that want the last GPUs one gets terms', async () => {
    const rivals = [job, await shop.orders(await shop.scans(await shop.asks({ ask: { gpuCount: 2 } })))]
    const answers = await Promise.all(rivals.map((one) => terms(one, payer.address)))
    expect(answers.map(({ ok }) => ok).toSorted()).toEqual([false, true])
  })

  test('refused after the quote, and after the job was given up', async () => {
    await abandonJob({ context: shop.context, ref: job.ref })
    expect(await terms(job, payer.address)).toMatchObject({ code: 'not-payable' })
    const late = await shop.orders(await shop.scans(await shop.asks()))
    await clock.tick(900_000)
    expect(await terms(late, payer.address)).toMatchObject({ code: 'expired' })
  })
})

describe('acceptAuthorization', () => {
  type Signed = Awaited<ReturnType<TestJobs['signed']>>
  let job: Signed
  let input: AuthorizationInput
  beforeEach(async () => {
    job = await shop.signed()
    input = await shop.authorization(job.terms)
  })
  const accept = (change: Partial<AuthorizationInput> = {}) =>
    acceptAuthorization({
      context: shop.context,
      domain: shop.domain,
      linkToken: job.linkToken ?? '',
      input: { ...input, ...change },
    })
  const untouched = async () => {
    const now = await shop.jobOf(job.ref)
    expect(now.state).toBe('signed')
    expect(now.authorization).toBeUndefined()
  }

  test('a good one moves the job on, once; a second is not taken', async () => {
    expect(await accept()).toMatchObject({ ok: true, job: { state: 'paying' } })
    expect(await accept()).toMatchObject({ code: 'already-paid' })
    // Nor are other terms issued while it is in flight.
    expect(await terms(job, otherPayer.address)).toMatchObject({ code: 'already-paid' })
    expect((await shop.jobOf(job.ref)).jobId).toBe(job.jobId)
  })

  test.each<[string, (given: AuthorizationInput) => Partial<AuthorizationInput>, string]>([
    ['terms of another job', () => ({ jobId: `0x${'ab'.repeat(32)}` }), 'altered-terms'],
    ['another chain', () => ({ chainId: 1 }), 'wrong-chain'],
    ['less money', ({ value }) => ({ value: value - 1n }), 'wrong-amount'],
    ['more money', ({ value }) => ({ value: value + 1n }), 'wrong-amount'],
    ['somebody else’s wallet', () => ({ from: otherPayer.address }), 'bad-authorization'],
    ['a changed window', ({ validBefore }) => ({ validBefore: validBefore - 1n }), 'bad-authorization'],
    [
      'a changed signature',
      ({ signature }) => ({ signature: `${signature.slice(0, -4)}ab1b` as `0x${string}` }),
      'bad-authorization',
    ],
    ['no signature', () => ({ signature: '0x' }), 'bad-authorization'],
    ['one that has run out', () => ({ validBefore: 1n }), 'bad-authorization'],
    ['one that is not valid yet', ({ validBefore }) => ({ validAfter: validBefore - 1n }), 'bad-authorization'],
  ])('refuses %s, and stores nothing', async (_, change, code) => {
    expect(await accept(change(input))).toMatchObject({ ok: false, code })
    await untouched()
  })

  test('terms that others ask for meanwhile do not spoil a signature: what was signed is what the job is paid on', async () => {
    await shop.signs(job, otherPayer.address)
    expect(await accept({ refundTo: otherPayer.address })).toMatchObject({ code: 'altered-terms' })
    expect(await accept({ refundTo: place.router })).toMatchObject({ code: 'altered-terms' })
    await untouched()
    expect(await accept()).toMatchObject({ ok: true, job: { jobId: job.jobId, terms: job.terms } })
  })

  test('of two signatures over terms for two addresses one is taken, and its terms are stored with it', async () => {
    const other = await shop.signs(job, otherPayer.address)
    const answers = await Promise.all([accept(), shop.pays(other, otherPayer)])
    expect(answers.map(({ ok }) => ok).toSorted()).toEqual([false, true])
    const { authorization, terms, jobId } = await shop.jobOf(job.ref)
    const taken = authorization?.from === payer.address ? job : other
    expect({ terms, jobId }).toEqual({ terms: taken.terms, jobId: taken.jobId })
  })

  test('a wallet that was filled after a refusal pays with the very same signature, and the old trouble is gone', async () => {
    await accept()
    await shop.change(job.ref, (now) =>
      transition(now, 'decline', {
        authorization: undefined,
        trouble: { code: 'payment-refused', text: 'too little' },
      }),
    )
    expect(await accept()).toMatchObject({ ok: true, job: { state: 'paying' } })
    expect((await shop.jobOf(job.ref)).trouble).toBeUndefined()
  })

  test('with the relay’s gas spent no signature is taken, and the next day it is', async () => {
    await shop.context.relayDays.insert(utcDay(clock.now()), { spentWei: shop.context.policy.relayDailyGasWei })
    expect(await accept()).toMatchObject({ code: 'relay-spent', why: expect.stringContaining('no money moved') })
    await untouched()
    expect(await relayState(shop.context)).toBe('spent')
    await clock.tick(24 * 3_600_000)
    expect(await relayState(shop.context)).toBe('open')
  })

  test('a contract wallet is asked on chain, and its no counts', async () => {
    const ask = (answer: boolean) =>
      acceptAuthorization({
        context: shop.context,
        domain: shop.domain,
        linkToken: job.linkToken ?? '',
        input: { ...input, from: place.router, signature: '0x1234' },
        checkContractSignature: async () => answer,
      })
    expect(await ask(false)).toMatchObject({ code: 'bad-authorization' })
    await untouched()
    expect(await ask(true)).toMatchObject({ ok: true })
  })
})
