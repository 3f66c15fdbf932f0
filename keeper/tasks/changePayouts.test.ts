// A seller's new wallet on a real chain: paid only after the wait, skipped by the old wallet alone, stopped in time; running jobs keep theirs.
import type { Address } from 'viem'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { encodeRegistryCall } from '../../core/escrow/registryCall.ts'
import { createRegistryReads } from '../../core/escrow/registryReads.ts'
import { providerKey } from '../../core/escrow/terms.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import { silentLog } from '../../core/log.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { stopChange } from '../../core/supply/proveWallet.ts'
import { createTestWallets } from '../../core/supply/testWallets.ts'
import { CHANGE_WAIT_MS } from '../../core/supply/walletLink.ts'
import { type EscrowChain, people, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { rpcTransport } from '../tx/endpoints.ts'
import { intents } from '../tx/intent.ts'
import { createSender } from '../tx/sender.ts'
import { changePayouts, type PayoutKeeper } from './changePayouts.ts'
import { LOOK_AGAIN_MS } from './keeper.ts'

const old = people.provider
const fresh = people.stranger
const PERSON = 'telegram:9'
const signal = new AbortController().signal

let chain: EscrowChain
afterEach(() => chain?.stop())

async function open(changeDelaySeconds?: number) {
  chain = await startEscrowChain({ ...(changeDelaySeconds !== undefined && { deployment: { changeDelaySeconds } }) })
  const clock = createManualClock(Number(await chain.nowSeconds()) * 1000)
  const shop = await createTestJobs({ clock })
  const { context, store } = shop
  const docs = store.collection(intents)
  const agent = createSender({
    intents: docs,
    transports: [rpcTransport({ url: chain.anvil.url })],
    account: people.agent,
    chainId: chain.deployed.chainId,
    confirmations: 1,
    clock,
    log: silentLog,
    feeCapWei: 20_000_000_000n,
  })
  const keeper: PayoutKeeper = {
    context,
    intents: docs,
    agent,
    registry: chain.deployed.registry,
    reads: createRegistryReads({ client: chain.client, registry: chain.deployed.registry }),
    chainNowSeconds: async () => Number(await chain.nowSeconds()),
  }
  const wallets = createTestWallets(context)
  const { id } = shop.listing
  await updateDocument({
    collection: context.listings,
    id,
    change: (listing) => ({ ...listing, payout: old.address }),
  })
  await chain.listProvider(id, { payout: old.address })
  await wallets.links(old)
  await clock.tick(1_000)

  const bench = {
    chain,
    clock,
    shop,
    context,
    wallets,
    keeper,
    docs,
    async listing(): Promise<Listing> {
      const doc = await context.listings.get(id)
      if (!doc) throw new Error('no listing')
      return doc.value
    },
    change: async () => (await wallets.linkOf())?.change,
    linked: async () => (await wallets.linkOf())?.wallet?.address,
    /** Who is paid for a job of this listing by the entry it has now. */
    paid: async (): Promise<Address | undefined> => keeper.reads.payout((await bench.listing()).payee),
    /** The keeper's rounds, with its transactions sent and mined, until there is nothing to do but wait. */
    async rounds(): Promise<number | undefined> {
      for (let i = 0; i < 40; i++) {
        const doc = await context.walletLinks.get(PERSON)
        const waitMs = doc && (await changePayouts(keeper, doc, signal))
        if (waitMs === undefined && !((await bench.change())?.endedAtMs === undefined)) return undefined
        if (waitMs !== undefined && waitMs !== LOOK_AGAIN_MS) return waitMs
        await agent.step()
        await agent.step()
      }
      throw new Error('the keeper is never done')
    },
    /** Time passes for everybody. */
    async pass(seconds: number) {
      await chain.passSeconds(seconds)
      await clock.tick(seconds * 1000)
    },
    async stops() {
      const changeId = (await bench.change())?.id ?? ''
      return stopChange({ walletLinks: context.walletLinks, person: PERSON, changeId, stoppedBy: PERSON })
    },
    calls: async () => (await docs.list()).map(({ id }) => id.split(':').at(-1)).toSorted(),
  }
  return bench
}

describe('a new payout wallet', () => {
  let bench: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    bench = await open()
  })

  test('is announced at once, paid after the registry’s own two days, and linked then', async () => {
    await bench.wallets.links(fresh)
    expect(await bench.rounds()).toBeGreaterThan(60_000)
    expect((await bench.keeper.reads.announced(bench.shop.listing.payee))?.payout).toBe(fresh.address)
    await bench.pass(CHANGE_WAIT_MS / 1000 - 60)
    expect(await bench.rounds()).toBeGreaterThan(0)
    expect([await bench.paid(), await bench.linked()]).toEqual([old.address, old.address])
    await bench.pass(120)
    await bench.rounds()
    expect([await bench.paid(), await bench.linked()]).toEqual([fresh.address, fresh.address])
    expect(await bench.listing()).toMatchObject({ payout: fresh.address, payee: bench.shop.listing.payee })
    expect(await bench.change()).toMatchObject({ state: 'done', endedAtMs: bench.clock.now() })
    expect(await bench.calls()).toEqual(['announce', 'apply'])
    expect(await bench.stops()).toBeUndefined()
  })

  test('is paid at once when the old wallet agrees, by an entry of its own; old quotes still find the listing', async () => {
    const { id } = await bench.wallets.links(fresh)
    await bench.rounds()
    expect(await bench.wallets.signs({ id, purpose: 'agree', account: old })).toMatchObject({ outcome: 'agreed' })
    await bench.rounds()
    expect([await bench.paid(), await bench.linked()]).toEqual([fresh.address, fresh.address])
    const listing = await bench.listing()
    expect(listing.payee).not.toBe(bench.shop.listing.payee)
    expect(await bench.keeper.reads.payout(bench.shop.listing.payee)).toBe(old.address)
    const found = await bench.context.listings.list({ index: 'payee', key: bench.shop.listing.payee })
    expect(found.map((doc) => doc.id)).toEqual([listing.id])
    expect(await bench.change()).toMatchObject({ state: 'done' })
  })

  test('stopped in time: the announcement is taken back, and nobody can apply it later', async () => {
    await bench.wallets.links(fresh)
    await bench.rounds()
    await bench.pass(CHANGE_WAIT_MS / 1000 - 60)
    expect(await bench.stops()).toBeDefined()
    await bench.rounds()
    expect(await bench.change()).toMatchObject({ state: 'stopped' })
    await bench.pass(CHANGE_WAIT_MS / 1000)
    await bench.rounds()
    const apply = encodeRegistryCall({ verb: 'applyChange', provider: bench.shop.listing.payee })
    await expect(chain.send(people.pauser, chain.deployed.registry, apply)).rejects.toThrow()
    expect([await bench.paid(), await bench.linked()]).toEqual([old.address, old.address])
    // And another try is another change.
    await bench.wallets.links(fresh)
    await bench.rounds()
    expect(await bench.change()).toMatchObject({ state: 'waiting' })
  })

  test('stopped before it was announced: nothing is sent', async () => {
    await bench.wallets.links(fresh)
    await bench.stops()
    await bench.rounds()
    expect(await bench.change()).toMatchObject({ state: 'stopped' })
    expect(await bench.calls()).toEqual([])
  })

  test('applied by a stranger the moment it may be: that is what was wished, and nothing is sent twice', async () => {
    await bench.wallets.links(fresh)
    await bench.rounds()
    await bench.pass(CHANGE_WAIT_MS / 1000 + 60)
    const apply = encodeRegistryCall({ verb: 'applyChange', provider: bench.shop.listing.payee })
    await chain.send(people.pauser, chain.deployed.registry, apply)
    await bench.rounds()
    expect([await bench.paid(), await bench.linked()]).toEqual([fresh.address, fresh.address])
    expect(await bench.calls()).toEqual(['announce'])
  })

  test('stopped after a stranger applied it: too late, and said as done', async () => {
    await bench.wallets.links(fresh)
    await bench.rounds()
    await bench.pass(CHANGE_WAIT_MS / 1000 + 60)
    const apply = encodeRegistryCall({ verb: 'applyChange', provider: bench.shop.listing.payee })
    await chain.send(people.pauser, chain.deployed.registry, apply)
    expect(await bench.stops()).toBeDefined()
    await bench.rounds()
    expect(await bench.change()).toMatchObject({ state: 'done' })
    expect([await bench.paid(), await bench.linked()]).toEqual([fresh.address, fresh.address])
  })

  test('an announcement that somebody replaced is never applied', async () => {
    await bench.wallets.links(fresh)
    await bench.rounds()
    const other = { payout: people.pauser.address, kind: 'direct', priceAsset: `0x${'0'.repeat(64)}` } as const
    await chain.send(
      people.agent,
      chain.deployed.registry,
      encodeRegistryCall({ verb: 'proposeChange', provider: bench.shop.listing.payee, ...other }),
    )
    await bench.pass(CHANGE_WAIT_MS / 500)
    await bench.rounds()
    expect(await bench.paid()).toBe(old.address)
    expect(await bench.calls()).toEqual(['announce'])
  })

  test('a listing that waits for an admin follows in its document, one that was refused does not', async () => {
    const { listings } = bench.context
    await updateDocument({
      collection: listings,
      id: bench.shop.listing.id,
      change: (listing) => ({ ...listing, state: 'submitted' as const }),
    })
    await bench.wallets.links(fresh)
    await bench.rounds()
    expect((await bench.listing()).payout).toBe(old.address)
    await bench.pass(CHANGE_WAIT_MS / 1000)
    await bench.rounds()
    expect([(await bench.listing()).payout, await bench.linked()]).toEqual([fresh.address, fresh.address])
    expect(await bench.calls()).toEqual([])
  })

  test('a listing approved in the moment in which its document would change is changed on chain', async () => {
    const { listings } = bench.context
    const { id } = bench.shop.listing
    const setState = (state: Listing['state']) =>
      updateDocument({ collection: listings, id, change: (listing) => ({ ...listing, state }) })
    await setState('submitted')
    await bench.wallets.links(fresh)
    await bench.pass(CHANGE_WAIT_MS / 1000)
    const doc = await bench.context.walletLinks.get(PERSON)
    if (!doc) throw new Error('no link')
    // The admin's word comes after the round has read the listing, and before it writes it.
    const list: typeof listings.list = async (query) => {
      const read = await listings.list(query)
      await setState('approved')
      return read
    }
    const context = { ...bench.context, listings: { ...listings, list } }
    expect(await changePayouts({ ...bench.keeper, context }, doc, signal)).toBe(LOOK_AGAIN_MS)
    expect(await bench.change()).toMatchObject({ state: 'applying' })
    await setState('live')
    await bench.pass(CHANGE_WAIT_MS / 1000)
    await bench.rounds()
    await bench.pass(CHANGE_WAIT_MS / 1000 + 60)
    await bench.rounds()
    expect([await bench.paid(), await bench.linked()]).toEqual([fresh.address, fresh.address])
  })

  test('a crash between any two rounds loses nothing and sends nothing twice', async () => {
    await bench.wallets.links(fresh)
    await bench.rounds()
    await bench.pass(CHANGE_WAIT_MS / 1000 + 60)
    // As after a crash right before the apply: the state is stored, the wish is not.
    await updateDocument({
      collection: bench.context.walletLinks,
      id: PERSON,
      change: (link) => (link.change ? { ...link, change: { ...link.change, state: 'applying' as const } } : undefined),
    })
    expect(await bench.stops()).toBeUndefined()
    await bench.rounds()
    expect(await bench.linked()).toBe(fresh.address)
    expect(await bench.calls()).toEqual(['announce', 'apply'])
  })
})

test('a registry with a shorter delay: announced late, so that nobody can apply it before two days are over', async () => {
  const bench = await open(3600)
  await bench.wallets.links(fresh)
  await bench.rounds()
  expect(await bench.calls()).toEqual([])
  await bench.pass(CHANGE_WAIT_MS / 1000 - 3600 + 5)
  await bench.rounds()
  const waiting = await bench.keeper.reads.announced(providerKey(bench.shop.listing.id))
  expect((waiting?.readyAtSeconds ?? 0) * 1000).toBeGreaterThanOrEqual((await bench.change())?.readyAtMs ?? Infinity)
  await bench.pass(3700)
  await bench.rounds()
  expect(await bench.paid()).toBe(fresh.address)
})
