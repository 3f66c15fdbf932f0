// The test wallet is careful: it signs nothing that differs from the terms it was shown.
import type { Hono } from 'hono'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestShop } from '../../../bots/web/testShop.ts'
import { testWeb } from '../../../bots/web/testWeb.ts'
import { place, quoter } from '../../../core/jobs/testJobs.ts'
import { type EscrowChain, startEscrowChain } from '../startEscrowChain.ts'
import { type PayLinkOptions, payLink } from './wallet.ts'

const account = privateKeyToAccount(`0x${'a1'.repeat(32)}`)
const stranger = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'

interface Answer {
  ok: boolean
  jobId: string
  router: string
  chainId: number
  terms: Record<string, unknown>
  typedData: { message: Record<string, string>; domain: Record<string, unknown> }
}

describe('a lying server gets no signature', () => {
  let web: Hono
  let url: string
  beforeEach(async () => {
    const shop = await createTestShop()
    web = await testWeb(shop)
    url = `/pay/${(await shop.ordered()).linkToken}`
  })
  const payVia = (lie: (answer: Answer) => void) => {
    const send: PayLinkOptions['send'] = async (to, init) => {
      const reply = await web.request(to, init)
      if (!to.endsWith('/terms')) return reply
      const answer = (await reply.json()) as Answer
      lie(answer)
      return Response.json(answer)
    }
    return payLink({ url, account, chainId: place.chainId, quoter: quoter.address, send, waitMs: 0 })
  }

  test.each<[string, (answer: Answer) => void]>([
    [
      'nonce is not the terms',
      ({ typedData }) => {
        typedData.message.nonce = `0x${'ee'.repeat(32)}`
      },
    ],
    [
      'nonce is not the terms',
      ({ terms }) => {
        terms.pricePerHour = '9.000000'
      },
    ],
    [
      'nonce is not the terms',
      ({ terms }) => {
        terms.refundTo = stranger
      },
    ],
    [
      'amount is not the terms',
      ({ typedData }) => {
        typedData.message.value = '9000000'
      },
    ],
    [
      'payee is not the router shown',
      ({ typedData }) => {
        typedData.message.to = stranger
      },
    ],
    [
      'payer is somebody else',
      ({ typedData }) => {
        typedData.message.from = stranger
      },
    ],
    [
      'another chain',
      ({ typedData }) => {
        typedData.domain.chainId = 1
      },
    ],
    [
      'valid for too long',
      ({ typedData }) => {
        typedData.message.validBefore = '9999999999'
      },
    ],
    [
      'terms unreadable',
      ({ terms }) => {
        terms.extra = 1
      },
    ],
  ])('%s', async (code, lie) => {
    const payment = await payVia(lie)
    expect(payment).toMatchObject({ outcome: 'distrusted', code })
    expect(payment.body).toBeUndefined()
  })

  test('and one that does not lie is paid', async () => {
    expect(await payVia(() => {})).toMatchObject({ outcome: 'still-paying' })
  })

  test('terms of another quoter', async () => {
    const payment = await payLink({
      url,
      account,
      chainId: place.chainId,
      quoter: stranger,
      send: (to, init) => web.request(to, init),
      waitMs: 0,
    })
    expect(payment).toMatchObject({ outcome: 'distrusted', code: 'terms not signed by the quoter' })
  })
})

describe('the token’s own domain', () => {
  let chain: EscrowChain
  beforeAll(async () => {
    chain = await startEscrowChain({ usdcName: 'USD Coin' })
  }, 30_000)
  afterAll(() => chain.stop())

  test.each([
    ['USD Coin', 'still-paying'],
    ['USDC', 'distrusted'],
  ])('signed as %s: %s', async (usdcName, outcome) => {
    const { chainId, router } = chain.deployed
    const shop = await createTestShop({ at: { chainId, router, usdc: chain.usdc.address, usdcName } })
    const web = await testWeb(shop)
    const url = `/pay/${(await shop.ordered()).linkToken}`
    const send: PayLinkOptions['send'] = (to, init) => web.request(to, init)
    expect(await payLink({ url, account, chainId, rpcUrl: chain.anvil.url, send, waitMs: 0 })).toMatchObject({
      outcome,
    })
  })
})
