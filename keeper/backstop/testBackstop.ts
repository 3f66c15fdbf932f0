// For tests of the backstop's drivers: a chain with the router on it, deposits that become due, and a log that is kept.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Hex, LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { readJob } from '../../core/escrow/jobRecord.ts'
import { signQuote } from '../../core/escrow/quoteSignature.ts'
import { encodeRouterCall, type RouterCall } from '../../core/escrow/routerCall.ts'
import { hashTerms, type Terms } from '../../core/escrow/terms.ts'
import { encodeApprove, readUsdcBalance } from '../../core/escrow/usdc.ts'
import { type Log, silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Store } from '../../core/store/store.ts'
import { people, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { bytes32, sampleTerms } from '../../test/world/terms.ts'
import { createEndpoints, rpcTransport } from '../tx/endpoints.ts'
import { intents } from '../tx/intent.ts'
import { createSender } from '../tx/sender.ts'
import { dues } from './due.ts'
import { createSelfDriver } from './selfDriver.ts'

export type BackstopBed = Awaited<ReturnType<typeof openBackstopBed>>

/** The chain with a listed provider, and a payer who may pay. */
export async function openBackstopBed() {
  const chain = await startEscrowChain()
  const { chainId, router } = chain.deployed
  const place = { chainId, router }
  const termsById = new Map<Hex, Terms>()
  let salt = 500n
  await chain.listProvider('necto:test')
  await chain.usdc.mint(people.payer.address, 1_000_000_000n)
  const approve = encodeApprove({ spender: router, amountMicroUsd: 1_000_000_000n })
  await chain.send(people.payer, chain.usdc.address, approve)
  const send = (from: LocalAccount, call: RouterCall) => chain.send(from, router, encodeRouterCall(call))
  return {
    chain,
    place,
    send,
    statusOf: async (id: Hex) => (await readJob({ client: chain.client, router, id }))?.status,
    /** Micro-USDC of the payer. */
    held: () => readUsdcBalance({ client: chain.client, usdc: chain.usdc.address, account: people.payer.address }),
    /** One more job; its deposit of two dollars may be reclaimed 2,700 seconds later. */
    async fund(): Promise<Hex> {
      salt += 1n
      const terms = sampleTerms({ nowSeconds: await chain.nowSeconds(), salt: bytes32(salt) })
      const quoteSignature = await signQuote({ terms, ...place, quoter: people.quoter })
      await send(people.payer, { verb: 'fund', terms, quoteSignature })
      const id = hashTerms({ terms, ...place })
      termsById.set(id, terms)
      return id
    },
    termsOf: (id: Hex) => termsById.get(id),
    /** A backstop's process on this chain: its settings, with a key and a folder of its own. */
    async ownProcess() {
      const folder = await mkdtemp(path.join(tmpdir(), 'necto-backstop-'))
      const key = generatePrivateKey()
      const address = privateKeyToAddress(key)
      await chain.test.setBalance({ address, value: 10n ** 18n })
      const env = {
        ESCROW_CHAIN_ID: String(chainId),
        ESCROW_CONFIRMATIONS: '1',
        ESCROW_POLL_MS: '50',
        USDC_ADDRESS: chain.usdc.address,
        ROUTER_ADDRESS: router,
        BACKSTOP_KEY: key,
        BACKSTOP_RPC_URLS: chain.anvil.url,
        BACKSTOP_DATA_DIR: folder,
      }
      return {
        args: ['keeper/backstop/main.ts'],
        env,
        key,
        address,
        clear: () => rm(folder, { recursive: true, force: true }),
      }
    },
  }
}

/** A log whose lines are kept. */
export function createNotes() {
  const lines: { level: string; msg: string }[] = []
  const note = (level: string) => (fields: { msg: string }) => void lines.push({ level, ...fields })
  const log: Log = { info: note('info'), warn: note('warn'), error: note('error'), child: () => log }
  return { lines, log }
}

/** Driver `self` with its sender, as the process has them, over a store that may have been another's before. */
export function openSelfDriver(
  bed: BackstopBed,
  more: { store?: Store; clock?: Clock; graceSeconds?: number; jitterSeconds?: number; lowBalanceWei?: bigint } = {},
) {
  const { store = createMemoryStore(), clock = systemClock, ...rest } = more
  const { place, chain } = bed
  const { lines, log } = createNotes()
  const transports = [rpcTransport({ url: chain.anvil.url })]
  const docs = store.collection(intents)
  const shared = { intents: docs, clock, log }
  const sender = createSender({
    ...shared,
    // What it warns of is the sender's own tests' business.
    log: silentLog,
    transports,
    account: people.stranger,
    chainId: place.chainId,
    confirmations: 1,
    feeCapWei: 100_000_000_000n,
  })
  const backstop = createSelfDriver({
    ...shared,
    endpoints: createEndpoints({ transports, chainId: place.chainId }),
    router: place.router,
    account: people.stranger.address,
    sender,
    dues: store.collection(dues),
    graceSeconds: 0,
    jitterSeconds: 0,
    pollMs: 10,
    lowBalanceWei: 0n,
    random: (length) => new Uint8Array(length).fill(128),
    ...rest,
  })
  return {
    backstop,
    sender,
    lines,
    /** Rounds of looking and sending, as the process does them, until nothing is open; told at the end. */
    async settle(): Promise<void> {
      await backstop.round()
      for (let left = 40; left > 0 && !(await sender.isIdle()); left--) await sender.step()
      await backstop.round()
    },
  }
}
