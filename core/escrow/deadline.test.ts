// A chain endpoint that is silent, gone or asked no longer ends in one of our errors.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPublicClient, http } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytes32 } from '../../test/world/terms.ts'
import { readJob } from './jobRecord.ts'

const silent = createServer(() => {})
beforeAll(() => new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  silent.closeAllConnections()
  silent.close()
})

const ask = (limits: { timeoutMs?: number; signal?: AbortSignal }, port = (silent.address() as AddressInfo).port) =>
  readJob({
    client: createPublicClient({ transport: http(`http://127.0.0.1:${port}`, { retryCount: 0 }) }),
    router: '0x0000000000000000000000000000000000000001',
    id: bytes32(1n),
    ...limits,
  })

test('silence is a timeout that may pass later', async () => {
  await expect(ask({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'chain.timeout', retry: 'later' })
})

test('a signal ends the wait with its own reason', async () => {
  const controller = new AbortController()
  const asked = ask({ signal: controller.signal })
  controller.abort(new Error('no longer needed'))
  await expect(asked).rejects.toThrow('no longer needed')
  await expect(ask({ signal: controller.signal })).rejects.toThrow('no longer needed')
})

test('an endpoint that is gone is a failure that may pass later, with the cause for operators', async () => {
  const error = await ask({}, 1).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'chain.failed', retry: 'later' })
  expect(error.details).toContain('127.0.0.1:1')
})
