// The Console's word on what AKT is worth.
import { expect, test } from 'vitest'
import { createManualClock } from '../../clock.ts'
import { startReplies } from '../testReplies.ts'
import { provider } from './index.ts'
import { createAktSource } from './marketData.ts'
import { startTestAkash } from './testAkash.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const clock = createManualClock(nowMs)
const live = () => new AbortController().signal

test('PRICE-03 the price of AKT is stamped with the moment of reading', async () => {
  const server = await startTestAkash({ nowMs })
  const source = provider.tokenSource?.({ clock, env: { AKASH_API_URL: server.console }, listings: async () => [] })
  expect(source).toMatchObject({ name: 'akash', tokens: ['AKT'] })
  const price = { token: 'AKT', usdPerToken: '0.5434716', source: 'akash', atMs: nowMs }
  expect(await source?.read(live())).toEqual([price])
  server.stop()
})

test.each([{ price: 0 }, { price: null }, { price: '0.5' }, { price: 1e300 }, { models: [] }, null])(
  'PRICE-03 no price is no price: %j',
  async (reply) => {
    const replies = await startReplies({ healthy: reply, empty: reply, rows: reply })
    const source = createAktSource({ baseUrl: replies.url, clock })
    await expect(source.read(live())).rejects.toMatchObject({ code: 'akash.reply', retry: 'later' })
    replies.stop()
  },
)
