// Which wallets the pay page has to do with: the one that is paid, the one that the rest goes to, and the one that sends itself.
import { zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import { otherPayer as other, payer } from '../../core/jobs/testJobs.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { createTestPaying, type TestPaying } from './testPaying.ts'
import { testWeb } from './testWeb.ts'

let { shop, web, job, path, now, post, pay } = {} as TestPaying
beforeEach(async () => {
  ;({ shop, web, job, path, now, post, pay } = await createTestPaying())
})

test('“Paid to” is what the registry pays for the terms, whatever the listing says since', async () => {
  const [before, after] = [payer.address, other.address]
  const { listings } = shop.context
  const asked: string[] = []
  web = await testWeb(shop, {
    async readPayout(provider) {
      asked.push(provider)
      return before
    },
  })
  await updateDocument({
    collection: listings,
    id: shop.listing.id,
    change: (listing) => ({ ...listing, payout: after, payee: zeroHash, formerPayees: [listing.payee] }),
  })
  const text = async () => (await (await web.request(path)).text()).replace(/<[^>]*>/g, '')
  expect(await text()).toContain(`Berlin Rack, the seller directly, at ${before}`)
  expect(asked).toEqual([shop.listing.payee])
  // A chain that does not answer is no reason to name a wallet that may not be it.
  web = await testWeb(shop, { readPayout: () => Promise.reject(new Error('no chain')) })
  expect(await text()).toContain('at the wallet that the registry on chain names, which could not be read just now')
  expect(await text()).not.toContain(after)
  // Once it is paid for, the payment has fixed it.
  const funded = {
    txHash: shop.listing.payee,
    atMs: 0,
    payer: before,
    depositMicroUsd: 8_000_000n,
    payout: before,
  } as const
  await shop.change(job.ref, (stored) => ({ ...stored, funded }))
  expect(await text()).toContain(`the seller directly, at ${before}`)
})

test('the refund address that somebody else named is not suggested to whoever pays', async () => {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  expect((await post(`${path}/terms`, `refundTo=${other.address}`, form)).status).toBe(303)
  const [field] = /<input id="refundTo"[^>]*>/.exec(await (await web.request(path)).text()) ?? []
  expect(field).toContain('value=""')
  const page = await (await web.request(path)).text()
  expect(page.replace(/<[^>]*>/g, '')).not.toContain(other.address)
  expect(page).not.toContain('Signed terms, and what')
})

describe('calls for a wallet that sends itself', () => {
  const direct = async (from: string) => {
    const reply = await web.request(`${path}/direct?from=${from}`)
    return { status: reply.status, answer: (await reply.json()) as { ok: boolean; code?: string; why?: string } }
  }
  const refusedTo = async (from: string) => {
    const { status, answer } = await direct(from)
    expect(status).toBe(409)
    expect(answer).toEqual({ ok: false, code: 'not-payable', why: expect.stringContaining('another wallet than this') })
    expect(answer.why).toContain('No money moved')
    return answer.why
  }

  test('are never made for terms that return the rest to another wallet', async () => {
    // Whoever has the link may have had terms signed for themselves.
    expect((await post(`${path}/terms`, JSON.stringify({ refundTo: other.address }))).status).toBe(200)
    expect(await refusedTo(payer.address)).toContain('name this wallet as the refund address')
    expect(await direct(other.address.toLowerCase())).toMatchObject({ status: 200, answer: { ok: true } })
    // Naming it gives the calls of its own terms, whoever was first.
    const own = await post(`${path}/terms`, JSON.stringify({ refundTo: payer.address, from: payer.address }))
    const { jobId, direct: calls } = (await own.json()) as { jobId: string; direct: { jobId: string } }
    expect(calls.jobId).toBe(jobId)
    expect(jobId).not.toBe((await now())?.jobId)
  })

  test('are made while the relay is slow for the wallet that signed the terms, wherever the rest goes, and no other', async () => {
    const cold = privateKeyToAccount(`0x${'a3'.repeat(32)}`)
    expect(await pay({ refundTo: cold.address })).toMatchObject({ outcome: 'still-paying' })
    expect(await direct(payer.address)).toMatchObject({ status: 200, answer: { ok: true } })
    // The page has no form now in which to name a wallet.
    const why = await refusedTo(other.address)
    expect(why).toContain('is on its way: wait here')
    expect(why).not.toContain('name this wallet')
  })
})
