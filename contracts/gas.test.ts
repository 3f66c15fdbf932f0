// What each verb costs, on a real chain with Circle's USDC behind its proxy: held to the committed table.
import { readFile, writeFile } from 'node:fs/promises'
import { type Hex, type LocalAccount, zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { authorizationTypedData, authorizationWindow } from '../core/escrow/authorization.ts'
import { signQuote } from '../core/escrow/quoteSignature.ts'
import { encodeRouterCall, type RouterCall } from '../core/escrow/routerCall.ts'
import { hashTerms, providerKey, type Terms } from '../core/escrow/terms.ts'
import { encodeApprove, readUsdcDomain } from '../core/escrow/usdc.ts'
import { type EscrowChain, people, startEscrowChain } from '../test/world/startEscrowChain.ts'
import { bytes32, sampleTerms } from '../test/world/terms.ts'

// After a change that is meant: WRITE_GAS_TABLE=1 npx vitest run contracts/gas.test.ts
const TABLE = new URL('gas.json', import.meta.url)
// Calldata has a few zero bytes more or less with every signature and hash.
const TOLERANCE = 0.01
const BATCH = 100
// What a verb may cost at most, whatever the table says.
const LIMITS = {
  'fundWithAuthorization, the first of all jobs, tracked': 280_000,
  'complete, to empty accounts': 125_000,
}

let chain: EscrowChain
let salt = 0n
beforeAll(async () => {
  chain = await startEscrowChain()
  await chain.usdc.mint(people.payer.address, 1_000_000_000_000n)
}, 30_000)
afterAll(() => chain.stop())

const place = () => ({ chainId: chain.deployed.chainId, router: chain.deployed.router })
const newAddress = () => privateKeyToAccount(generatePrivateKey()).address

async function gasOf(from: LocalAccount, call: RouterCall): Promise<number> {
  const { transactionHash: hash } = await chain.send(from, chain.deployed.router, encodeRouterCall(call))
  return Number((await chain.client.getTransactionReceipt({ hash })).gasUsed)
}

/** Terms to an account of the provider's that holds nothing yet, and refunds to one that holds nothing either. */
async function emptyTerms(change: Partial<Terms> = {}): Promise<Terms> {
  salt++
  const id = `gas:${salt}`
  await chain.listProvider(id, { payout: newAddress() })
  return sampleTerms({
    nowSeconds: await chain.nowSeconds(),
    salt: bytes32(salt),
    provider: providerKey(id),
    refundTo: newAddress(),
    ...change,
  })
}

async function signedFunding(terms: Terms): Promise<RouterCall> {
  const domain = await readUsdcDomain({ client: chain.client, usdc: chain.usdc.address, chainId: place().chainId })
  const from = people.payer.address
  const window = authorizationWindow(terms, Number(await chain.nowSeconds()) * 1000)
  const typedData = authorizationTypedData({ domain, router: place().router, terms, from, ...window })
  const signature = await people.payer.signTypedData(typedData)
  const quoteSignature = await signQuote({ terms, ...place(), quoter: people.quoter })
  return { verb: 'fundWithAuthorization', terms, quoteSignature, authorization: { from, ...window, signature } }
}

const fundingOf = async (terms: Terms): Promise<RouterCall> => ({
  verb: 'fund',
  terms,
  quoteSignature: await signQuote({ terms, ...place(), quoter: people.quoter }),
})

/** A job that runs, for the verbs after it. */
async function running(change: Partial<Terms> = {}): Promise<Hex> {
  const terms = await emptyTerms(change)
  await gasOf(people.payer, await fundingOf(terms))
  const id = hashTerms({ terms, ...place() })
  await gasOf(people.agent, { verb: 'start', id })
  return id
}

test('gas of every verb is what the table says, and a batch saves a third at least', { timeout: 120_000 }, async () => {
  const table: Record<string, number> = {}
  const tracked = { tracked: true, memberTag: bytes32(9n) }
  // The first of all jobs, so that every slot and the router's own balance are cold.
  table['fundWithAuthorization, the first of all jobs, tracked'] = await gasOf(
    people.relay,
    await signedFunding(await emptyTerms(tracked)),
  )
  table['fundWithAuthorization, a new place'] = await gasOf(people.relay, await signedFunding(await emptyTerms()))
  await chain.send(
    people.payer,
    chain.usdc.address,
    encodeApprove({ spender: place().router, amountMicroUsd: 10n ** 12n }),
  )
  const terms = await emptyTerms()
  table['fund, approved'] = await gasOf(people.payer, await fundingOf(terms))
  const id = hashTerms({ terms, ...place() })
  table.start = await gasOf(people.agent, { verb: 'start', id })
  await chain.passSeconds(1_900)
  table['checkpoint, provider empty'] = await gasOf(people.agent, { verb: 'checkpoint', id, usedSeconds: 600 })
  table['checkpoint, again'] = await gasOf(people.agent, { verb: 'checkpoint', id, usedSeconds: 900 })
  table['complete after checkpoints'] = await gasOf(people.agent, {
    verb: 'complete',
    id,
    usedSeconds: 1_800,
    evidenceRoot: bytes32(77n),
  })
  const single = await running()
  await chain.passSeconds(1_900)
  table['complete, to empty accounts'] = await gasOf(people.agent, {
    verb: 'complete',
    id: single,
    usedSeconds: 1_800,
    evidenceRoot: bytes32(77n),
  })
  table['complete, never started to run'] = await gasOf(people.agent, {
    verb: 'complete',
    id: await running(),
    usedSeconds: 0,
    evidenceRoot: zeroHash,
  })
  const cancelled = await emptyTerms()
  await gasOf(people.payer, await fundingOf(cancelled))
  table.cancel = await gasOf(people.agent, { verb: 'cancel', id: hashTerms({ terms: cancelled, ...place() }) })
  // What most jobs meet: the place that an ended one left.
  table['fundWithAuthorization, a left place'] = await gasOf(people.relay, await signedFunding(await emptyTerms()))

  // One seller, so that only the first payment of the batch finds an empty account, as with a busy provider.
  const seller = await emptyTerms()
  const jobs: Hex[] = []
  for (let i = 0; i < BATCH + 1; i++)
    jobs.push(await running({ provider: seller.provider, refundTo: people.payer.address }))
  await chain.passSeconds(1_900)
  table['complete, to accounts that hold USDC'] = await gasOf(people.agent, {
    verb: 'complete',
    id: jobs.pop() ?? zeroHash,
    usedSeconds: 1_800,
    evidenceRoot: bytes32(77n),
  })
  const completions = jobs.map((job) => ({ id: job, usedSeconds: 1_800, evidenceRoot: bytes32(77n) }))
  const batch = await gasOf(people.agent, { verb: 'completeMany', completions })
  table[`completeMany, each of ${completions.length}`] = Math.round(batch / completions.length)
  if (process.env.WRITE_GAS_TABLE) await writeFile(TABLE, `${JSON.stringify(table, null, 2)}\n`)
  const committed = z.record(z.string(), z.number()).parse(JSON.parse(await readFile(TABLE, 'utf8')))
  expect(Object.keys(table)).toEqual(Object.keys(committed))
  for (const [verb, gas] of Object.entries(table)) {
    expect(Math.abs(gas / (committed[verb] ?? 0) - 1), `${verb}: ${gas}`).toBeLessThan(TOLERANCE)
  }
  for (const [verb, most] of Object.entries(LIMITS)) expect(table[verb], verb).toBeLessThanOrEqual(most)
  const each = table[`completeMany, each of ${completions.length}`] ?? 0
  expect(each / (table['complete, to accounts that hold USDC'] ?? 0)).toBeLessThanOrEqual(0.65)
})
