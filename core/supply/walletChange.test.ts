// Changing a payout wallet, and listings that wait for one: what counts at once, what waits, who may skip or stop it.
import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createTestJobs, otherPayer, payer, type TestJobs } from '../jobs/testJobs.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { acceptProof, proveListing, stopChange } from './proveWallet.ts'
import { decideListing } from './submitListing.ts'
import { createTestWallets, site } from './testWallets.ts'
import { CHANGE_WAIT_MS, LINK_MS } from './walletLink.ts'

let clock: ReturnType<typeof createManualClock>
let shop: TestJobs
let wallets: ReturnType<typeof createTestWallets>
beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 23))
  shop = await createTestJobs({ clock })
  wallets = createTestWallets(shop.context)
})

describe('a wallet for a listing', () => {
  const submitted = async (more: { payout?: `0x${string}` }) => {
    const stored = await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: ({ payout: _, provenAtMs: __, ...listing }) => ({ ...listing, ...more, state: 'submitted' as const }),
    })
    if (!stored) throw new Error('no listing')
    return stored.value
  }
  const prove = (listing: Awaited<ReturnType<typeof submitted>>) =>
    proveListing({ ...shop.context, listing, nowMs: clock.now() })
  const approve = (id: string) =>
    decideListing({ listings: shop.context.listings, id, approve: true, decidedBy: 'telegram:1' })

  test('ONBOARD-09: nobody can approve before the wallet is proven', async () => {
    const listing = await submitted({ payout: payer.address })
    expect(await approve(listing.id)).toBeUndefined()
    expect(await prove(listing)).toBeUndefined()
    await wallets.links(payer)
    expect(await prove(listing)).toMatchObject({ payout: payer.address, provenAtMs: clock.now() })
    expect(await approve(listing.id)).toMatchObject({ state: 'approved' })
  })

  test('one that names none takes the linked one; one that names another is not proven by it', async () => {
    const listing = await submitted({})
    await wallets.links(payer)
    expect(await prove(listing)).toMatchObject({ payout: payer.address })
    expect(await prove(await submitted({ payout: otherPayer.address }))).toBeUndefined()
    expect(await approve(shop.listing.id)).toBeUndefined()
  })
})

describe('a listing proven while its seller’s wallet changes', () => {
  const unproven = async () => {
    const stored = await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: ({ payout: _, provenAtMs: __, ...listing }) => ({ ...listing, state: 'submitted' as const }),
    })
    if (!stored) throw new Error('no listing')
    expect((await wallets.links(payer)).outcome).toMatchObject({ outcome: 'linked' })
    return stored.value
  }
  const now = async () => (await shop.context.listings.get(shop.listing.id))?.value

  test('is not paid to the wallet that was replaced in between, but to the new one', async () => {
    const listing = await unproven()
    const { listings } = shop.context
    let isFirst = true
    // The other wallet is linked after the link was read and before the listing is written.
    const late: typeof listings = {
      ...listings,
      async put(doc, value) {
        if (isFirst) {
          isFirst = false
          await clock.tick(1_000)
          await wallets.links(otherPayer)
        }
        return listings.put(doc, value)
      },
    }
    const nowMs = clock.now()
    expect(await proveListing({ ...shop.context, listings: late, listing, nowMs })).toBeUndefined()
    expect((await now())?.provenAtMs).toBeUndefined()
    expect(await proveListing({ ...shop.context, listing, nowMs })).toMatchObject({ payout: otherPayer.address })
  })

  test('waits while a change is about to end, and takes what it brings', async () => {
    const listing = await unproven()
    const change = {
      id: 'change',
      requestId: 'request',
      from: payer.address,
      to: otherPayer.address,
      nonce: 'nonce',
      requestedAtMs: 0,
      readyAtMs: clock.now(),
      state: 'waiting' as const,
    }
    const { walletLinks } = shop.context
    const set = (more: object) =>
      updateDocument({ collection: walletLinks, id: 'telegram:9', change: (link) => ({ ...link, ...more }) })
    await set({ change })
    expect(await proveListing({ ...shop.context, listing, nowMs: clock.now() })).toBeUndefined()
    await set({ change: { ...change, state: 'done' }, wallet: { address: otherPayer.address, linkedAtMs: 1 } })
    expect(await proveListing({ ...shop.context, listing, nowMs: clock.now() })).toMatchObject({
      payout: otherPayer.address,
    })
  })
})

describe('changing the wallet', () => {
  const old = privateKeyToAccount(`0x${'a5'.repeat(32)}`)
  const change = async () => (await wallets.linkOf())?.change
  beforeEach(async () => {
    await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: (listing) => ({ ...listing, payout: old.address }),
    })
    await wallets.links(old)
    await clock.tick(60_000)
  })

  test('does not take effect at once while a listing is paid to the old one', async () => {
    const { outcome, id } = await wallets.links(payer)
    expect(outcome).toMatchObject({ ok: true, outcome: 'waiting' })
    expect(await wallets.linkOf()).toMatchObject({
      wallet: { address: old.address },
      change: {
        state: 'waiting',
        from: old.address,
        to: payer.address,
        requestId: id,
        readyAtMs: clock.now() + CHANGE_WAIT_MS,
      },
    })
    expect((await shop.context.listings.get(shop.listing.id))?.value.payout).toBe(old.address)
  })

  test('nor does it when the seller listed before there were links', async () => {
    const stored = await shop.context.walletLinks.get('telegram:9')
    if (stored) await shop.context.walletLinks.remove(stored)
    const { outcome } = await wallets.links(payer)
    expect(outcome).toMatchObject({ outcome: 'waiting', change: { from: old.address } })
    expect((await wallets.linkOf())?.wallet).toBeUndefined()
  })

  test('the same wallet again changes nothing, and without listings another one counts at once', async () => {
    expect((await wallets.links(old)).outcome).toMatchObject({ outcome: 'linked' })
    expect(await change()).toBeUndefined()
    await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: (listing) => ({ ...listing, state: 'rejected' as const }),
    })
    expect((await wallets.links(payer)).outcome).toMatchObject({ outcome: 'linked', wallet: payer.address })
  })

  test('one at a time: while one waits, no other link is taken', async () => {
    const { id } = await wallets.links(payer)
    expect((await wallets.links(otherPayer)).outcome).toMatchObject({ code: 'change-waits' })
    expect(await change()).toMatchObject({ requestId: id, to: payer.address })
  })

  test('the old wallet can agree, nobody else, and only to this change', async () => {
    const { id } = await wallets.links(payer)
    for (const account of [payer, otherPayer])
      expect(await wallets.signs({ id, purpose: 'agree', account })).toMatchObject({ code: 'wrong-account' })
    expect(await wallets.signs({ id, purpose: 'agree', account: old, signer: payer })).toMatchObject({
      code: 'bad-signature',
    })
    const tamper = (text: string) => text.replaceAll(payer.address, otherPayer.address)
    expect(await wallets.signs({ id, purpose: 'agree', account: old, tamper })).toMatchObject({
      code: 'altered-message',
    })
    expect(await change()).toMatchObject({ state: 'waiting' })
    expect(await wallets.signs({ id, purpose: 'agree', account: old })).toMatchObject({ outcome: 'agreed' })
    expect(await wallets.signs({ id, purpose: 'agree', account: old })).toMatchObject({ code: 'used' })
  })

  test('one of two old wallets cannot agree for the other: both wait', async () => {
    const { listings } = shop.context
    const stored = (await listings.get(shop.listing.id))?.value
    if (!stored) throw new Error('no listing')
    await listings.insert('S-other', { ...stored, id: 'S-other', payout: otherPayer.address })
    const { id } = await wallets.links(payer)
    const agrees = () => wallets.signs({ id, purpose: 'agree', account: old })
    expect(await agrees()).toMatchObject({ code: 'change-waits', why: expect.stringContaining('different wallets') })
    expect(await change()).toMatchObject({ state: 'waiting', from: old.address })
    // Nobody relies on what was rejected.
    await updateDocument({
      collection: listings,
      id: 'S-other',
      change: (listing) => ({ ...listing, state: 'rejected' as const }),
    })
    expect(await agrees()).toMatchObject({ outcome: 'agreed' })
  })

  test('what the old wallet signed to be linked is no consent', async () => {
    const { id } = await wallets.links(payer)
    const subject = await wallets.requestOf(id)
    const tamper = (text: string) => text.replace(/Nonce: \w+/, `Nonce: ${subject?.nonce}`)
    expect(await wallets.signs({ id, purpose: 'agree', account: old, tamper })).toMatchObject({
      code: 'altered-message',
    })
  })

  test('a consent is good for ten minutes after it was asked for', async () => {
    const { id } = await wallets.links(payer)
    await clock.tick(LINK_MS * 3)
    const asked = await wallets.message({ id, purpose: 'agree', account: old })
    if (!asked.ok) throw new Error(asked.why)
    const signature = await old.signMessage({ message: asked.message })
    await clock.tick(LINK_MS)
    const { context } = shop
    const step = { context, site, id, code: '', purpose: 'agree', message: asked.message, signature } as const
    expect(await acceptProof(step)).toMatchObject({ code: 'altered-message' })
    expect(await wallets.signs({ id, purpose: 'agree', account: old })).toMatchObject({ outcome: 'agreed' })
  })

  test('it can be stopped while it waits, once; a consent then comes too late', async () => {
    const { id } = await wallets.links(payer)
    const changeId = (await change())?.id ?? ''
    const { walletLinks } = shop.context
    const stop = (of: string) =>
      stopChange({ walletLinks, person: 'telegram:9', changeId: of, stoppedBy: 'telegram:1' })
    expect(await stop('another')).toBeUndefined()
    expect(await stop(changeId)).toMatchObject({ state: 'stopping', stoppedBy: 'telegram:1' })
    expect(await stop(changeId)).toBeUndefined()
    expect(await wallets.signs({ id, purpose: 'agree', account: old })).toMatchObject({ code: 'used' })
  })
})
