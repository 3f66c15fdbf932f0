// A job's whole way on a real chain with Circle's USDC: signed, relayed, metered, settled, refunded, credited.

import type { Hex, LocalAccount } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EscrowChain, people, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { bytes32, sampleTerms } from '../../test/world/terms.ts'
import { authorizationTypedData, authorizationWindow } from './authorization.ts'
import { type RouterEvent, readRouterEvents } from './events.ts'
import { findFunding } from './findFunding.ts'
import { readJobEvents } from './jobEvents.ts'
import { readJob } from './jobRecord.ts'
import { recoverQuoter, signQuote } from './quoteSignature.ts'
import { decodeRefusal, encodeRouterCall, type RouterCall, tryRouterCall } from './routerCall.ts'
import {
  holdsRole,
  readCredit,
  readDueReclaims,
  readProvider,
  readRouterSettings,
  readRouterTotals,
} from './routerReads.ts'
import { hashTerms, priceAssetKey, providerKey, refKey, type Terms } from './terms.ts'
import { encodeApprove, isAuthorizationUsed, readUsdcBalance, readUsdcDomain } from './usdc.ts'

let chain: EscrowChain
let salt = 100n
beforeAll(async () => {
  chain = await startEscrowChain()
  await chain.listProvider('necto:test')
  await chain.listProvider('akash', { asset: 'AKT', kind: 'broker' })
  await chain.usdc.mint(people.payer.address, 1_000_000_000n)
}, 30_000)
afterAll(() => chain.stop())

const place = () => ({ chainId: chain.deployed.chainId, router: chain.deployed.router })
const at = () => ({ client: chain.client, router: chain.deployed.router })
const balance = (account: LocalAccount) =>
  readUsdcBalance({ client: chain.client, usdc: chain.usdc.address, account: account.address })

async function newTerms(change: Partial<Terms> = {}): Promise<Terms> {
  salt += 1n
  return sampleTerms({ nowSeconds: await chain.nowSeconds(), salt: bytes32(salt), ...change })
}

async function send(from: LocalAccount, call: RouterCall): Promise<RouterEvent[]> {
  const { blockNumber } = await chain.send(from, chain.deployed.router, encodeRouterCall(call))
  return readRouterEvents({ ...at(), fromBlock: blockNumber, toBlock: blockNumber })
}

async function payBySignature(terms: Terms): Promise<RouterCall> {
  const domain = await readUsdcDomain({ client: chain.client, usdc: chain.usdc.address, chainId: place().chainId })
  const from = people.payer.address
  const window = authorizationWindow(terms, Number(await chain.nowSeconds()) * 1000)
  const signature = await people.payer.signTypedData(
    authorizationTypedData({ domain, router: place().router, terms, from, ...window }),
  )
  return {
    verb: 'fundWithAuthorization',
    terms,
    quoteSignature: await signQuote({ terms, ...place(), quoter: people.quoter }),
    authorization: { from, ...window, signature },
  }
}

async function fund(terms: Terms) {
  await send(people.relay, await payBySignature(terms))
  return hashTerms({ terms, ...place() })
}

test('CHAIN-01..05: one signature pays, the provider gets the time used, the payer the rest', async () => {
  const before = await Promise.all([people.payer, people.provider, people.feeRecipient].map(balance))
  const terms = await newTerms({ tracked: true, memberTag: bytes32(9n) })
  const call = await payBySignature(terms)
  const id = hashTerms({ terms, ...place() })
  const nonce = { client: chain.client, usdc: chain.usdc.address, from: people.payer.address, nonce: id }
  expect(await isAuthorizationUsed(nonce)).toBe(false)
  expect(await tryRouterCall({ ...at(), call, from: people.relay.address })).toMatchObject({ ok: true })

  const [funded] = await send(people.relay, call)
  expect(funded).toMatchObject({
    name: 'JobFunded',
    id,
    payer: people.payer.address,
    payout: people.provider.address,
    depositMicroUsd: 2_000_000n,
    priceVerified: true,
  })
  expect(funded).toHaveProperty('terms', terms)
  expect(await isAuthorizationUsed(nonce)).toBe(true)

  const [started] = await send(people.agent, { verb: 'start', id })
  const startedAtMs = Number(await chain.nowSeconds()) * 1000
  expect(started).toMatchObject({ name: 'JobStarted', id, startedAtMs })

  await chain.passSeconds(1900)
  const [checkpointed] = await send(people.agent, { verb: 'checkpoint', id, usedSeconds: 900 })
  expect(checkpointed).toMatchObject({
    name: 'JobCheckpointed',
    usedSeconds: 900,
    toProviderMicroUsd: 487_500n,
    feeMicroUsd: 12_500n,
    paidMicroUsd: 500_000n,
  })
  expect(await readJob({ ...at(), id })).toMatchObject({
    status: 'active',
    usedSeconds: 900,
    paidMicroUsd: 500_000n,
    startedAtMs,
    decisionRoot: terms.decisionRoot,
    memberTag: terms.memberTag,
    pricePerHour: 2_000_000n,
    gpuCount: 2,
    provider: terms.provider,
  })

  const [settled] = await send(people.agent, { verb: 'complete', id, usedSeconds: 1800, evidenceRoot: bytes32(77n) })
  expect(settled).toMatchObject({
    name: 'JobSettled',
    toProviderMicroUsd: 487_500n,
    feeMicroUsd: 12_500n,
    paidMicroUsd: 1_000_000n,
    refundedMicroUsd: 1_000_000n,
    evidenceRoot: bytes32(77n),
  })
  expect(await readJob({ ...at(), id })).toMatchObject({ status: 'settled', usedSeconds: 1800 })
  // The fee waits in the router until somebody sends it.
  const fees = { verb: 'withdrawFor', account: people.feeRecipient.address } as const
  expect(await send(people.stranger, fees)).toMatchObject([{ name: 'Withdrawn', amountMicroUsd: 25_000n }])
  const after = await Promise.all([people.payer, people.provider, people.feeRecipient].map(balance))
  expect(after.map((amount, i) => amount - (before[i] ?? 0n))).toEqual([-1_000_000n, 975_000n, 25_000n])
})

test('approve and fund works without typed data, and the untracked record has no member (CHAIN-07)', async () => {
  const terms = await newTerms()
  const approve = encodeApprove({ spender: chain.deployed.router, amountMicroUsd: 2_000_000n })
  await chain.send(people.payer, chain.usdc.address, approve)
  const quoteSignature = await signQuote({ terms, ...place(), quoter: people.quoter })
  const [funded] = await send(people.payer, { verb: 'fund', terms, quoteSignature })
  expect(funded).toMatchObject({ name: 'JobFunded', payer: people.payer.address })
  const fundedAt = funded?.at.blockNumber
  const id = hashTerms({ terms, ...place() })
  expect(await readJob({ ...at(), id })).toMatchObject({ tracked: false, memberTag: undefined })
  expect(await send(people.agent, { verb: 'cancel', id })).toMatchObject([
    { name: 'JobRefunded', id, refundedMicroUsd: 2_000_000n, cancelled: true },
  ])
  expect(await readJob({ ...at(), id })).toHaveProperty('status', 'refunded')
  expect(await readJob({ ...at(), id, blockNumber: fundedAt })).toHaveProperty('status', 'funded')
})

test('the payer asks for a stop; the record shows when', async () => {
  const id = await fund(await newTerms())
  expect(await send(people.payer, { verb: 'stop', id })).toMatchObject([{ name: 'StopRequested', id }])
  expect(await readJob({ ...at(), id })).toHaveProperty('stopRequestedAtMs', Number(await chain.nowSeconds()) * 1000)
  await send(people.agent, { verb: 'cancel', id })
})

test('a blacklisted provider does not hold up the refund; its part waits for it', async () => {
  const id = await fund(await newTerms())
  await send(people.agent, { verb: 'start', id })
  await chain.passSeconds(3600)
  await chain.usdc.blacklist(people.provider.address)
  const before = await balance(people.payer)
  const events = await send(people.agent, { verb: 'complete', id, usedSeconds: 1800, evidenceRoot: bytes32(0n) })
  expect(events.map((event) => event.name)).toEqual(['JobSettled', 'Credited'])
  expect((await balance(people.payer)) - before).toBe(1_000_000n)
  expect(await readCredit({ ...at(), account: people.provider.address })).toBe(975_000n)

  const call = { verb: 'withdrawFor', account: people.provider.address } as const
  const refused = await tryRouterCall({ ...at(), call, from: people.stranger.address })
  expect(refused).toMatchObject({ ok: false, args: ['Blacklistable: account is blacklisted'] })
  await chain.usdc.unBlacklist(people.provider.address)
  expect(await send(people.stranger, call)).toMatchObject([{ name: 'Withdrawn', amountMicroUsd: 975_000n }])
})

test('without the agent anyone refunds what the resolver names, and a job that is not due does not disturb it', async () => {
  const [lapsed, running] = [await fund(await newTerms()), await fund(await newTerms())]
  await send(people.agent, { verb: 'start', id: running })
  const page = { ...at(), cursor: 0n, limit: 100n }
  expect((await readDueReclaims(page)).payload).toBeUndefined()
  await chain.passSeconds(2701)

  const { payload } = await readDueReclaims(page)
  if (!payload) throw new Error('nothing due')
  const { blockNumber } = await chain.send(people.stranger, chain.deployed.router, payload)
  const events = await readRouterEvents({ ...at(), fromBlock: blockNumber, toBlock: blockNumber })
  expect(events.find((event) => event.name === 'JobRefunded' && event.id === lapsed)).toMatchObject({
    cancelled: false,
  })
  expect(await readJob({ ...at(), id: running })).toMatchObject({ status: 'active' })

  const [failed] = await send(people.stranger, { verb: 'reclaimMany', ids: [running] })
  if (failed?.name !== 'ReclaimFailed') throw new Error('expected ReclaimFailed')
  expect(decodeRefusal(failed.reason)).toMatchObject({ error: 'NotReclaimableYet' })

  await chain.passSeconds(3600 + 72 * 3600)
  expect(await send(people.stranger, { verb: 'reclaim', id: running })).toMatchObject([
    { name: 'JobExpired', id: running, refundedMicroUsd: 2_000_000n, paidMicroUsd: 0n },
  ])
})

test('a batch completes what it can, and says of the rest why not', async () => {
  const [first, second] = [await fund(await newTerms()), await fund(await newTerms())]
  await send(people.agent, { verb: 'start', id: first })
  await chain.passSeconds(900)
  const completions = [first, second].map((id) => ({ id, usedSeconds: 900, evidenceRoot: bytes32(77n) }))
  const events = await send(people.agent, { verb: 'completeMany', completions })
  expect(events).toMatchObject([
    { name: 'JobSettled', id: first, usedSeconds: 900 },
    { name: 'CompleteFailed', id: second },
  ])
  const [, failed] = events
  if (failed?.name !== 'CompleteFailed') throw new Error('expected CompleteFailed')
  expect(decodeRefusal(failed.reason)).toMatchObject({ error: 'WrongStatus' })
})

describe('a refusal is a value with its reason', () => {
  const attempt = async (call: RouterCall, from: LocalAccount = people.relay) =>
    tryRouterCall({ ...at(), call, from: from.address })

  test('terms changed after the quote, or signed by somebody else', async () => {
    const call = await payBySignature(await newTerms())
    if (call.verb !== 'fundWithAuthorization') throw new Error('wrong verb')
    const tampered = { ...call, terms: { ...call.terms, provider: providerKey('akash') } }
    expect(await attempt(tampered)).toMatchObject({ ok: false, error: 'QuoteNotSigned' })
    const signed = { terms: call.terms, ...place(), signature: call.quoteSignature }
    expect(await recoverQuoter(signed)).toBe(people.quoter.address)
    expect(await recoverQuoter({ ...signed, terms: tampered.terms })).not.toBe(people.quoter.address)
    expect(await recoverQuoter({ ...signed, signature: '0x1234' })).toBeUndefined()
    const byStranger = await signQuote({ terms: call.terms, ...place(), quoter: people.stranger })
    expect(await attempt({ ...call, quoteSignature: byStranger })).toMatchObject({ error: 'QuoteNotSigned' })
  })

  test('FEED-04: a token quote away from its feed cannot be escrowed, nor pass as USD', async () => {
    const akash = { provider: providerKey('akash'), priceAsset: priceAssetKey('AKT') }
    const far = await payBySignature(await newTerms({ ...akash, tokenPrice: 130_000_000n }))
    expect(await attempt(far)).toMatchObject({ ok: false, error: 'PriceDeviates' })
    const asUsd = await payBySignature(await newTerms({ provider: akash.provider }))
    expect(await attempt(asUsd)).toMatchObject({ ok: false, error: 'PriceAssetMismatch' })
    const near = await payBySignature(await newTerms({ ...akash, tokenPrice: 124_000_000n }))
    expect(await attempt(near)).toMatchObject({ ok: true })
  })

  test('a second payment, a stranger, a job nobody knows', async () => {
    const terms = await newTerms()
    const id = await fund(terms)
    expect(await attempt(await payBySignature(terms))).toMatchObject({ error: 'JobExists', args: [id, 1] })
    expect(await attempt({ verb: 'start', id }, people.stranger)).toMatchObject({
      error: 'AccessControlUnauthorizedAccount',
    })
    expect(await attempt({ verb: 'start', id: bytes32(404n) }, people.agent)).toMatchObject({ error: 'WrongStatus' })
    expect(await readJob({ ...at(), id: bytes32(404n) })).toBeUndefined()
  })
})

test('a payment is found again by its id and by its ref, in the order of the chain', async () => {
  const ref = refKey('F0ND-F0ND')
  const [first, second] = [await newTerms({ ref }), await newTerms({ ref })]
  const ids = [await fund(first), await fund(second)]
  const find = (by: { id: Hex } | { ref: string }) =>
    findFunding({ ...at(), fromBlock: chain.deployed.fromBlock, by }).then((found) => found.map((event) => event.id))
  expect(await find({ ref: 'F0ND-F0ND' })).toEqual(ids)
  expect(await find({ id: ids[1] ?? '0x' })).toEqual(ids.slice(1))
  expect(await find({ ref: 'N0NE-N0NE' })).toEqual([])
})

test('what the router holds at a block, and all it said of one job', async () => {
  const usdc = chain.usdc.address
  const head = () => chain.client.getBlockNumber({ cacheTime: 0 })
  const before = await head()
  const id = await fund(await newTerms())
  await send(people.agent, { verb: 'start', id })
  const after = await head()
  const [had, has] = await Promise.all(
    [before, after].map((blockNumber) => readRouterTotals({ ...at(), usdc, blockNumber })),
  )
  expect((has?.lockedMicroUsd ?? 0n) - (had?.lockedMicroUsd ?? 0n)).toBe(2_000_000n)
  expect(has?.balanceMicroUsd).toBe((has?.lockedMicroUsd ?? 0n) + (has?.creditsMicroUsd ?? 0n))
  const events = await readJobEvents({ ...at(), id, fromBlock: chain.deployed.fromBlock, toBlock: after })
  expect(events.map(({ name }) => name)).toEqual(['JobFunded', 'JobStarted'])
})

test('settings, roles and providers read back as deployed', async () => {
  const { usdc, registry, priceGuard } = chain.deployed
  const feeRecipient = people.feeRecipient.address
  expect(await readRouterSettings(at())).toEqual({ usdc, registry, priceGuard, feeRecipient, paused: false })
  expect(await holdsRole({ ...at(), role: 'AGENT', account: people.agent.address })).toBe(true)
  expect(await holdsRole({ ...at(), role: 'QUOTER', account: people.agent.address })).toBe(false)
  const read = (id: string) => readProvider({ client: chain.client, registry, provider: providerKey(id) })
  expect(await read('akash')).toEqual({
    payout: people.provider.address,
    kind: 'broker',
    live: true,
    priceAsset: priceAssetKey('AKT'),
  })
  expect(await read('nobody')).toBeUndefined()
})
