// Akash held to the rules of every provider, over real sockets.
import { expect, test } from 'vitest'
import { systemClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider } from '../providerSuite.ts'
import { startReplies } from '../testReplies.ts'
import { createAkashProvider } from './index.ts'
import { emptyReply, healthyReply, rowsReply } from './testReply.ts'

async function start() {
  const replies = await startReplies({ healthy: healthyReply, empty: emptyReply, rows: rowsReply })
  return {
    ...replies,
    provider: createAkashProvider({ baseUrl: `${replies.url}/`, clock: systemClock, timeoutMs: 60_000 }),
  }
}

describeProvider('akash', { start, cannot: ['part'] })

test('PROV-01 one request to the public price table, and Retry-After kept', async () => {
  const rig = await start()
  const read = () => rig.provider.offers(testAsk(), new AbortController().signal)
  await read()
  expect(rig.requests()).toEqual(['GET /v1/gpu-prices'])
  rig.setFault('busy')
  await expect(read()).rejects.toMatchObject({ retryAfterMs: 7_000 })
  rig.stop()
})
