// /wallet and /sell: links and codes in private, admins asked only about proven wallets, everybody told of a change once.
import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { createTestJobs, otherPayer, otherRunner, payer, type TestJobs } from '../../core/jobs/testJobs.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { createTestWallets } from '../../core/supply/testWallets.ts'
import { alice, group } from '../chat/testPort.ts'
import { createListingFollower } from '../follow/followListings.ts'
import { createProofFollower, createWalletFollower } from '../follow/followWallets.ts'
import { notices } from '../follow/notice.ts'
import { createTestApp, textOf } from './testApp.ts'

const bo = { platform: 'telegram', userId: '9', label: 'Bo', kind: 'user' } as const
const ada = { ...bo, userId: '1', label: 'Ada' } as const
const { kind: _, ...aliceAlone } = alice
const privately = (person: typeof bo | typeof alice) => ({ ...group, chatId: person.userId, isPrivate: true })
const old = privateKeyToAccount(`0x${'a5'.repeat(32)}`)

let clock: ReturnType<typeof createManualClock>
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let wallets: ReturnType<typeof createTestWallets>
let events = 0
beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 23))
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
  wallets = createTestWallets(shop.context)
})
const by = (principal: typeof bo | typeof alice | typeof ada = alice) => ({
  key: `tg:${++events}`,
  principal,
  place: privately(principal as typeof bo),
})
const last = () => textOf(bot.sent.at(-1))
const buttons = (view = bot.sent.at(-1)) => view?.buttons?.flat() ?? []
const tokenOf = (label: string, view = bot.sent.at(-1)) => {
  const button = buttons(view).find((one) => one.label === label)
  return button && 'token' in button ? button.token : ''
}
/** The link in the newest message, as its reader would use it. */
const shownLink = () => {
  const code = /"(\d{6})"/.exec(last())?.[1] ?? ''
  const id = /\/link\/([\w-]{22})"/.exec(last())?.[1] ?? ''
  return { id, code }
}
const line = (more = '') => `h100 x2 in Berlin at 2.40 runner ${otherRunner.address} ${more}`
const newest = async () =>
  (await shop.context.listings.list()).map(({ value }) => value).find(({ id }) => id !== shop.listing.id)

/** Everything the followers do, until there is nothing left; what it posted. */
async function follows(): Promise<string[]> {
  const noticeDocs = shop.store.collection(notices)
  const before = bot.sent.length
  const [listing, wallet, proof] = [
    createListingFollower({ app: bot.app, notices: noticeDocs }),
    createWalletFollower({ app: bot.app, notices: noticeDocs }),
    createProofFollower(bot.app),
  ]
  for (let i = 0; i < 2; i++) {
    for (const doc of await shop.context.walletLinkRequests.list())
      if (doc.value.state === 'proved') await bot.until(proof(doc))
    for (const doc of await shop.context.walletLinks.list()) await bot.until(wallet(doc))
    for (const doc of await shop.context.listings.list()) if (doc.id !== shop.listing.id) await bot.until(listing(doc))
  }
  return bot.sent.slice(before).map(textOf)
}

describe('/wallet', () => {
  test('shows that none is linked; its button gives a link and a code that link one', async () => {
    await bot.says(by(), 'wallet', '')
    expect(last()).toContain('None is linked')
    await bot.presses(by(), tokenOf('Link a wallet'))
    const { id, code } = shownLink()
    expect(last()).toContain('We never ask for a key')
    expect(await wallets.signs({ id, code, account: payer })).toMatchObject({ outcome: 'linked' })
    expect(await follows()).toEqual([expect.stringContaining(`"${payer.address}"`)])
    expect(await follows()).toEqual([])
    await bot.says(by(), 'wallet', '')
    expect(last()).toContain(payer.address)
    expect(buttons().map(({ label }) => label)).toEqual(['Link another wallet'])
  })

  test('in a group neither link nor wallet is shown', async () => {
    await wallets.links(payer, aliceAlone)
    for (const text of ['', 'link', 'cancel']) {
      await bot.says({ ...by(), place: group }, 'wallet', text)
      expect(last()).toContain('private matter')
      expect(last()).not.toContain('/link/')
    }
    expect(await shop.context.walletLinkRequests.list()).toHaveLength(1)
  })

  test('what it does not know changes nothing; nothing waits, so nothing is stopped', async () => {
    await bot.says(by(), 'wallet', 'send 0x12')
    expect(last()).toContain('Nothing was changed')
    await bot.says(by(), 'wallet', 'cancel')
    expect(last()).toContain('No change of your wallet waits')
  })
})

describe('/sell', () => {
  test('without a linked wallet: stored, link in the answer, no admin asked until it is proven', async () => {
    await bot.says(by(), 'sell', line(`wallet ${payer.address}`))
    expect(last()).toContain('[waiting for your wallet]')
    const { id, code } = shownLink()
    expect(await follows()).toEqual([])
    expect(await wallets.signs({ id, code, account: otherPayer })).toMatchObject({ code: 'wrong-account' })
    expect(await wallets.signs({ id, code, account: payer })).toMatchObject({ outcome: 'linked' })
    const posted = await follows()
    expect(posted).toEqual([
      expect.stringContaining('Your payout wallet is linked'),
      expect.stringContaining('wants to sell'),
    ])
    expect(posted[1]).toContain('linked by signature')
    expect(await follows()).toEqual([])
    await bot.presses(by(ada), tokenOf('Approve'))
    expect((await newest())?.state).toBe('approved')
  })

  test('a crash right after the signature: the proof, the listing and the admins come all the same', async () => {
    await bot.says(by(), 'sell', line())
    const { id } = shownLink()
    await updateDocument({
      collection: shop.context.walletLinkRequests,
      id,
      change: (now) => ({ ...now, state: 'proved' as const, wallet: payer.address, provedAtMs: clock.now() }),
    })
    expect((await follows()).join()).toContain('wants to sell')
    expect(await newest()).toMatchObject({ payout: payer.address, provenAtMs: expect.any(Number) })
  })

  test('an admin who cannot be reached is asked again until he is', async () => {
    await wallets.links(payer, aliceAlone)
    await follows()
    await bot.says(by(), 'sell', line())
    expect(await newest()).toMatchObject({ payout: payer.address, state: 'submitted' })
    bot.chat.fail(new NectoError('chat.unreachable', 'press Start first'))
    bot.chat.fail(new NectoError('chat.unreachable', 'press Start first'))
    expect(await follows()).toEqual([])
    expect(await follows()).toEqual([expect.stringContaining('wants to sell')])
    expect(await follows()).toEqual([])
  })

  test('with a linked wallet: paid there, and a line that names another one stores nothing', async () => {
    await wallets.links(payer, aliceAlone)
    await bot.says(by(), 'sell', line(`wallet ${otherPayer.address}`))
    expect(last()).toContain('Nothing was stored')
    expect(await newest()).toBeUndefined()
    await bot.says(by(), 'sell', line(`wallet ${payer.address}`))
    expect(last()).toContain('[waiting for approval]')
  })
})

describe('changing it', () => {
  beforeEach(async () => {
    await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: (listing) => ({ ...listing, payout: old.address }),
    })
    await wallets.links(old)
    await follows()
    await clock.tick(1_000)
    await wallets.links(payer)
  })
  const change = async () => (await wallets.linkOf())?.change

  test('seller and admins are told at once and once, each with a way to stop it', async () => {
    const posted = await follows()
    expect(posted).toHaveLength(2)
    for (const text of posted) {
      expect(text).toContain(payer.address)
      expect(text).toContain('2026-11-25 00:0')
      expect(text).toContain('Stop the change')
    }
    expect(posted.map((text) => text.includes('Skip the wait'))).toEqual([true, false])
    expect(await follows()).toEqual([])
  })

  test.each([
    ['its owner by command', async () => bot.says(by(bo), 'wallet', 'cancel')],
    [
      'its owner by button',
      async () => {
        await bot.says(by(bo), 'wallet', '')
        await bot.presses(by(bo), tokenOf('Stop the change'))
      },
    ],
    [
      'an admin by button',
      async () => {
        await follows()
        await bot.presses(by(ada), tokenOf('Stop the change'))
      },
    ],
  ])('stopped by %s', async (_, stop) => {
    await stop()
    expect(await change()).toMatchObject({ state: 'stopping' })
  })

  test('the end is told to both, whichever it is', async () => {
    await follows()
    for (const state of ['stopped', 'done'] as const) {
      await updateDocument({
        collection: shop.context.walletLinks,
        id: 'telegram:9',
        change: (link) =>
          link.change && { ...link, change: { ...link.change, id: state, state, endedAtMs: clock.now() } },
      })
      const posted = (await follows()).slice(-2)
      expect(posted.filter((text) => text.includes(state === 'done' ? 'has changed' : 'was stopped'))).toHaveLength(2)
      expect(await follows()).toEqual([])
    }
  })

  test('an admin who lost the role cannot stop it, and an old button stops no other change', async () => {
    await follows()
    const token = tokenOf('Stop the change')
    const isAdmin = bot.app.admins as string[]
    isAdmin.splice(0)
    await bot.presses(by(ada), token)
    expect(await change()).toMatchObject({ state: 'waiting' })
    isAdmin.push('telegram:1')
    await updateDocument({
      collection: shop.context.walletLinks,
      id: 'telegram:9',
      change: (link) => link.change && { ...link, change: { ...link.change, id: 'NEXT' } },
    })
    await bot.presses(by(ada), token)
    expect(await change()).toMatchObject({ state: 'waiting' })
    expect(bot.told.at(-1)).toContain('over already')
  })
})
