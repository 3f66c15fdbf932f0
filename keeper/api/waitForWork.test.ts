// A runner's long poll: ended by a job that becomes active, by its time, or by the runner going away.
import { expect, test } from 'vitest'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import { createWaitForWork } from './waitForWork.ts'

const LONG_MS = 60_000

test('ends when a job becomes active, not when another job changes', async () => {
  const shop = await createTestJobs()
  const job = await shop.asks()
  const ended: string[] = []
  const waiting = createWaitForWork(shop.context.jobs)('0x', LONG_MS, new AbortController().signal).then(() =>
    ended.push('woken'),
  )
  await shop.change(job.ref, (now) => ({ ...now, scannedMs: 1 }))
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toEqual([])
  await shop.change(job.ref, (now) => ({ ...now, state: 'active' }))
  await waiting
  expect(ended).toEqual(['woken'])
})

test('ends with its time, and when the runner hangs up', async () => {
  const { context } = await createTestJobs()
  const wait = createWaitForWork(context.jobs)
  await wait('0x', 5, new AbortController().signal)
  const gone = new AbortController()
  const waiting = wait('0x', LONG_MS, gone.signal)
  gone.abort()
  await waiting
})
