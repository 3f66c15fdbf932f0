// The keeper's schedules on a real escrow chain: the sweep finds a payment and a start that were never handed on, and mends the job.
import { createPublicClient, http } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorizationTypedData, authorizationWindow } from '../core/escrow/authorization.ts'
import { signQuote } from '../core/escrow/quoteSignature.ts'
import { encodeRouterCall } from '../core/escrow/routerCall.ts'
import { hashTerms, refKey } from '../core/escrow/terms.ts'
import { readUsdcBalance, readUsdcDomain } from '../core/escrow/usdc.ts'
import { createMetrics } from '../core/health/metrics.ts'
import { applyRouterEvent } from '../core/jobs/applyRouterEvent.ts'
import { createOfferCache } from '../core/market/cache.ts'
import { perJobHour } from '../core/money.ts'
import { type EscrowChain, people, startEscrowChain } from '../test/world/startEscrowChain.ts'
import { bytes32, sampleTerms } from '../test/world/terms.ts'
import { keeperSchedules } from './schedules.ts'
import { createTestKeeper } from './tasks/testKeeper.ts'

let chain: EscrowChain
beforeAll(async () => {
  chain = await startEscrowChain()
  await chain.listProvider('necto:test')
  await chain.usdc.mint(people.payer.address, 1_000_000_000n)
}, 60_000)
afterAll(() => chain.stop())

/** Enough that a fortieth of it is worth to be sent. */
const PRICE = perJobHour(400_000_000n)

/** A job that is signed here, and on chain funded and started. */
async function missed(bench: Awaited<ReturnType<typeof createTestKeeper>>) {
  const { ref } = await bench.shop.signed()
  const { router, chainId } = chain.deployed
  const nowSeconds = await chain.nowSeconds()
  const terms = sampleTerms({ nowSeconds, salt: bytes32(1n), ref: refKey(ref), pricePerHour: PRICE })
  const jobId = hashTerms({ terms, chainId, router })
  await bench.shop.change(ref, (job) => ({ ...job, terms, jobId }))
  const domain = await readUsdcDomain({ client: chain.client, usdc: chain.usdc.address, chainId })
  const from = people.payer.address
  const window = authorizationWindow(terms, Number(nowSeconds) * 1000)
  const typed = authorizationTypedData({ domain, router, terms, from, ...window })
  const fund = encodeRouterCall({
    verb: 'fundWithAuthorization',
    terms,
    quoteSignature: await signQuote({ terms, chainId, router, quoter: people.quoter }),
    authorization: { from, ...window, signature: await people.payer.signTypedData(typed) },
  })
  await chain.send(people.relay, router, fund)
  await chain.send(people.agent, router, encodeRouterCall({ verb: 'start', id: jobId }))
  return { ref, jobId }
}

test('what was paid and started unseen is brought to the job, and then both hold the same', async () => {
  const bench = await createTestKeeper()
  const { context, store } = bench.shop
  const job = await missed(bench)
  const metrics = createMetrics()
  const key = (byte: string) => `0x${byte.repeat(32)}` as const
  const client = createPublicClient({ transport: http(chain.anvil.url), cacheTime: 0 })
  const schedules = keeperSchedules({
    context: { ...context, escrow: { ...context.escrow, usdc: chain.usdc.address } },
    store,
    market: { providers: [], cache: createOfferCache({ clock: bench.clock }), tokens: async () => [] },
    metrics,
    client,
    storageClient: client,
    escrow: {
      router: chain.deployed.router,
      fromBlock: BigInt(chain.deployed.fromBlock),
      agentKey: key('c1'),
      relayKey: key('c2'),
    },
    storageKey: key('c3'),
    agent: bench.keeper.agent,
    finalBlock: () => client.getBlockNumber(),
    applyFinal: async (event) => void (await applyRouterEvent(context, event)),
  })
  const work = async (name: string) => {
    const running = schedules.find((one) => one.name === name)?.work(new AbortController().signal)
    let isOver = false
    void running?.finally(() => {
      isOver = true
    })
    while (!isOver) {
      await bench.clock.tick(1_000)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await running
  }
  const figures = async () => (await metrics.text()).split('\n').filter((line) => !line.startsWith('#'))

  await work('reconcileJobs')
  expect(await figures()).toContain('necto_reconcile_differences 1')
  const now = (await context.jobs.get(job.ref))?.value
  expect(now).toMatchObject({ state: 'active', jobId: job.jobId, funded: { depositMicroUsd: PRICE } })

  await work('reconcileJobs')
  expect(await figures()).toEqual(
    expect.arrayContaining([
      'necto_reconcile_differences 0',
      `necto_ledger_locked_micro_usdc ${PRICE}`,
      `necto_escrow_locked_micro_usdc ${PRICE}`,
      `necto_escrow_balance_micro_usdc ${PRICE}`,
    ]),
  )
  await work('watchSigners')
  expect(await figures()).toContain('necto_signer_low{signer="storage"} 1')
  await work('samplePrices')

  // Nothing has been earned yet.
  await work('withdrawFees')
  expect(await bench.intentIds()).toEqual([])
  await chain.passSeconds(3_600)
  const complete = { verb: 'complete', id: job.jobId, usedSeconds: 3_600, evidenceRoot: bytes32(2n) } as const
  await chain.send(people.agent, chain.deployed.router, encodeRouterCall(complete))
  await work('withdrawFees')
  const [sent] = await bench.keeper.intents.list()
  const { feeRecipient } = people
  expect(sent?.id).toBe(`fees:2026-11-23:${feeRecipient.address}`)
  // Whoever sends it, it goes to the recipient.
  await chain.send(people.agent, chain.deployed.router, sent?.value.data ?? '0x')
  const account = feeRecipient.address
  expect(await readUsdcBalance({ client, usdc: chain.usdc.address, account })).toBe(PRICE / 40n)
})
