// The token feed: several sources side by side, and last known prices, also after a restart.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { BusyError } from '../http.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Collection, Store } from '../store/store.ts'
import { createTemporaryStore } from '../store/temporaryStore.ts'
import { createTokenFeed } from './createTokenFeed.ts'
import { type KeptTokenPrice, tokenPrices } from './lastKnown.ts'
import { createTestSource, priceFrom } from './testSources.ts'

const startMs = Date.UTC(2026, 10, 23)
const live = () => new AbortController().signal
const down = new NectoError('http.unreachable', 'It could not be reached.', { retry: 'later' })

function rig(kept?: Collection<KeptTokenPrice>, clock = createManualClock(startMs)) {
  const [first, second] = [createTestSource('coingecko'), createTestSource('akash', ['AKT'])]
  const feed = createTokenFeed({ sources: [first, second], clock, log: silentLog, ...(kept && { kept }) })
  return { clock, first, second, feed, prices: () => feed.prices(live()) }
}
const gecko = (usd: string, atMs = startMs, token = 'AKT') => priceFrom('coingecko', token, usd, atMs)
const akash = (usd: string, atMs = startMs) => priceFrom('akash', 'AKT', usd, atMs)

describe('FEED-01 FEED-02 sources', () => {
  test('all are asked, the preferred one stands first, and for 20 s none is asked again', async () => {
    const { clock, first, second, prices } = rig()
    first.gives([gecko('0.5'), gecko('0.2', startMs, 'NOS')])
    second.gives([akash('0.51')])
    const all = [gecko('0.5'), gecko('0.2', startMs, 'NOS'), akash('0.51')]
    expect(await prices()).toEqual(all)
    await clock.tick(19_999)
    expect(await prices()).toEqual(all)
    expect([first.calls(), second.calls()]).toEqual([1, 1])
    await clock.tick(1)
    await prices()
    expect([first.calls(), second.calls()]).toEqual([2, 2])
  })

  test('one that fails or hangs takes nothing from the others', async () => {
    const { clock, first, second, prices } = rig()
    second.gives([akash('0.51')])
    first.gives(down)
    expect(await prices()).toEqual([akash('0.51')])
    first.gives('nothing, ever')
    await clock.tick(60_000)
    const waiting = prices()
    await clock.tick(5_000)
    expect(await waiting).toEqual([akash('0.51')])
  })

  test('one that asks to wait is left alone, the others are not', async () => {
    const { clock, first, second, prices } = rig()
    first.gives(new BusyError(120_000, '429'))
    await prices()
    await clock.tick(119_999)
    await prices()
    expect([first.calls(), second.calls()]).toEqual([1, 2])
    await clock.tick(1)
    await prices()
    expect(first.calls()).toBe(2)
  })

  test('an old symbol becomes the one of today; what no record may hold is left out', async () => {
    const { first, prices } = rig()
    first.gives([
      gecko('1.5', startMs, 'RNDR'),
      gecko('1.6', startMs, 'RENDER'),
      gecko('1', startMs, 'DOGE'),
      gecko('1e-7', startMs, 'NOS'),
      gecko('1', startMs + 0.5, 'AKT'),
    ])
    expect(await prices()).toEqual([gecko('1.5', startMs, 'RENDER')])
  })

  test('the reason of a signal is the only thing it throws', async () => {
    const { clock, first, prices, feed } = rig()
    first.gives(new TypeError('broken'))
    expect(await prices()).toEqual([])
    await expect(feed.prices(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    first.gives('nothing, ever')
    await clock.tick(2_000)
    const stop = new AbortController()
    const waiting = feed.prices(stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('FEED-03 last known', () => {
  test('is served marked, with its own time, by the source that cannot be read alone', async () => {
    const { clock, first, second, prices } = rig()
    first.gives([gecko('0.5'), gecko('0.2', startMs, 'NOS')])
    second.gives([akash('0.51')])
    await prices()
    first.gives(down)
    await clock.tick(3_600_000)
    expect(await prices()).toEqual([
      { ...gecko('0.5'), lastKnown: true },
      { ...gecko('0.2', startMs, 'NOS'), lastKnown: true },
      akash('0.51'),
    ])
  })

  test('of one token that the source leaves out, beside what it gives', async () => {
    const { clock, first, prices } = rig()
    first.gives([gecko('0.5'), gecko('0.2', startMs, 'NOS')])
    await prices()
    await clock.tick(30_000)
    first.gives([gecko('0.6', startMs + 30_000)])
    expect(await prices()).toEqual([
      gecko('0.6', startMs + 30_000),
      { ...gecko('0.2', startMs, 'NOS'), lastKnown: true },
    ])
  })

  test('no mark remains when the source is back', async () => {
    const { clock, first, prices } = rig()
    first.gives([gecko('0.5')])
    await prices()
    first.gives(down)
    await clock.tick(20_000)
    expect(await prices()).toMatchObject([{ lastKnown: true }])
    first.gives([gecko('0.5')])
    await clock.tick(2_000)
    expect(await prices()).toEqual([gecko('0.5')])
  })

  test('a price from the future is not remembered, so it cannot keep out the right one', async () => {
    const { clock, first, prices } = rig()
    first.gives([gecko('0.5')])
    await prices()
    await clock.tick(20_000)
    first.gives([gecko('9', clock.now() + 60_001)])
    expect(await prices()).toMatchObject([{ usdPerToken: '9' }])
    first.gives(down)
    await clock.tick(20_000)
    expect(await prices()).toEqual([{ ...gecko('0.5'), lastKnown: true }])
  })
})

describe.each([
  ['memory', async () => ({ store: createMemoryStore(), reopen: undefined, dispose: async () => {} })],
  ['lowdb', createTemporaryStore],
] as const)('FEED-03 kept in the %s store', (_, create) => {
  let under: { store: Store; reopen?: (() => Promise<Store>) | undefined; dispose(): Promise<void> }
  beforeEach(async () => {
    under = await create()
  })
  afterEach(() => under.dispose())

  test('a restart serves it, marked', async () => {
    const before = rig(under.store.collection(tokenPrices))
    before.first.gives([{ ...gecko('0.5'), volatility: { bps: 900, basis: '24 h range of AKT/USD' } }])
    await before.prices()
    const store = under.reopen ? await under.reopen() : under.store
    const after = rig(store.collection(tokenPrices), before.clock)
    after.first.gives(down)
    after.second.gives(down)
    expect(await after.prices()).toEqual([
      { ...gecko('0.5'), volatility: { bps: 900, basis: '24 h range of AKT/USD' }, lastKnown: true },
    ])
  })

  test('one document per source and token, the newest; written at most once a minute', async () => {
    const kept = under.store.collection(tokenPrices)
    const { clock, first, second, prices } = rig(kept)
    second.gives([akash('0.51')])
    for (let i = 0; i < 6; i++) {
      first.gives([gecko(`0.5${i}`, clock.now())])
      await prices()
      await clock.tick(20_000)
    }
    const documents = await kept.list()
    expect(documents.map(({ id, value, version }) => [id, value.usdPerToken, version])).toEqual([
      ['akash:AKT', '0.51', 1],
      ['coingecko:AKT', '0.53', 2],
    ])
    expect(Object.keys(documents[0]?.value ?? {})).not.toContain('lastKnown')
  })

  test('an older price than the known one replaces nothing', async () => {
    const kept = under.store.collection(tokenPrices)
    const { clock, first, prices } = rig(kept)
    first.gives([gecko('0.5')])
    await prices()
    await clock.tick(120_000)
    first.gives([gecko('0.4', startMs - 1)])
    await prices()
    expect((await kept.get('coingecko:AKT'))?.value.usdPerToken).toBe('0.5')
  })

  test('a store that is closed costs nobody the prices', async () => {
    const kept = under.store.collection(tokenPrices)
    const { first, prices } = rig(kept)
    first.gives([gecko('0.5')])
    await under.store.close()
    expect(await prices()).toEqual([gecko('0.5')])
  })
})
