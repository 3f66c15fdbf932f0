// The health port: figures in Prometheus' format without a word about people, and readiness that says why not.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import type { HttpService } from '../serveHttp.ts'
import { createMemoryStore } from '../store/memory.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type Check, createReadiness } from './readiness.ts'
import { serveHealth } from './serveHealth.ts'
import { storeWritable } from './storeWritable.ts'

let clock: ReturnType<typeof createManualClock>
let metrics: Metrics
let checks: Check[]
let service: HttpService
beforeEach(async () => {
  clock = createManualClock(0)
  metrics = createMetrics()
  checks = []
  service = await serveHealth({ port: 0, metrics, readiness: createReadiness({ checks: () => checks, clock }) })
})
afterEach(() => service.stop())

async function get(path: string) {
  const reply = await fetch(`${service.url}${path}`)
  return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() }
}
const samples = async () => (await get('/metrics')).text.split('\n').filter((line) => line && !line.startsWith('#'))

test('figures that were set, counted and read at the moment stand under /metrics', async () => {
  metrics.set('escrowLocked', 5_000_000n)
  metrics.set('signerBalanceWei', 7n, 'agent')
  metrics.count('reorgs')
  metrics.count('txBumps', 2, 'relay')
  metrics.rpcFailed(1, 'timeout')
  metrics.chatAnswered('telegram', 0.2)
  metrics.onRead(() => metrics.setAll('jobs', { funded: 3, running: 0 }))
  const { status, type } = await get('/metrics')
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(await samples()).toEqual(
    expect.arrayContaining([
      'necto_escrow_locked_micro_usdc 5000000',
      'necto_signer_balance_wei{signer="agent"} 7',
      'necto_reorgs_total 1',
      'necto_tx_bumps_total{signer="relay"} 2',
      'necto_rpc_errors_total{endpoint="1",class="timeout"} 1',
      'necto_chat_ack_seconds_bucket{le="0.3",platform="telegram"} 1',
      'necto_jobs{state="funded"} 3',
      'necto_jobs{state="running"} 0',
      expect.stringMatching(/^necto_eventloop_delay_seconds\{quantile="0.99"\} /),
    ]),
  )
})

test('a label that is not there any more is forgotten, and two registries know nothing of each other', async () => {
  metrics.setAll('jobs', { funded: 3 })
  metrics.setAll('jobs', { settled: 1 })
  expect((await samples()).filter((line) => line.startsWith('necto_jobs'))).toEqual(['necto_jobs{state="settled"} 1'])
  expect(await createMetrics().text()).not.toContain('settled')
})

test('it lives as long as it answers; what is none of the three is not there', async () => {
  expect(await get('/livez')).toMatchObject({ status: 200, text: 'ok\n' })
  expect((await get('/jobs')).status).toBe(404)
  expect((await fetch(`${service.url}/livez`, { method: 'POST' })).status).toBe(404)
})

test('not ready says why, each fault on a line; asked again only after ten seconds', async () => {
  let asked = 0
  let fault: string | undefined = 'no new block for 61 s'
  checks.push(
    {
      name: 'chain head',
      fault: async () => {
        asked++
        return fault
      },
    },
    { name: 'store', fault: () => Promise.reject(new NectoError('store.write', 'disk full')) },
  )
  const expected = { status: 503, text: 'chain head: no new block for 61 s\nstore: disk full\n' }
  expect(await get('/readyz')).toMatchObject(expected)
  fault = undefined
  checks.pop()
  await clock.tick(9_999)
  expect(await get('/readyz')).toMatchObject(expected)
  expect(asked).toBe(1)
  await clock.tick(1)
  expect(await get('/readyz')).toMatchObject({ status: 200, text: 'ok\n' })
  expect(asked).toBe(2)
})

test('a check that does not answer is a fault too', async () => {
  checks.push({ name: 'chain', fault: () => new Promise(() => {}) })
  const reply = get('/readyz')
  // Until the request is here there is nobody to wait for.
  const stop = setInterval(() => void clock.tick(1_000), 20)
  expect(await reply).toMatchObject({ status: 503, text: 'chain: no answer\n' })
  clearInterval(stop)
})

test('the store is tried with a write of its own', async () => {
  const store = createMemoryStore()
  expect(await storeWritable(store.blobs).fault()).toBeUndefined()
  await store.close()
  await expect(storeWritable(store.blobs).fault()).rejects.toThrow()
})
