// The job page: status for everybody with the link, results only for who has the key.
import type { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { decryptResult } from '../../core/jobs/resultCipher.ts'
import { objectBlob } from '../../core/jobs/upload.ts'
import { type Finished, finishJob } from './testFinishedJob.ts'
import { createTestShop, type TestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

let shop: TestShop
let web: Hono
let done: Finished

beforeEach(async () => {
  shop = await createTestShop()
  web = await testWeb(shop)
  done = await finishJob(shop, await shop.ordered(), { log: 'epoch 1\n', output: new Uint8Array([1, 2, 3]) })
})

const path = (job: Job) => `/job/${job.linkToken}`

test('OUTPUT-01 the encrypted files are handed out as stored, and only the key opens them', async () => {
  const { job, key } = done
  const reply = await web.request(`${path(job)}/log.enc`)
  expect(reply.headers.get('Content-Type')).toBe('application/octet-stream')
  const bytes = new Uint8Array(await reply.arrayBuffer())
  expect(new TextDecoder().decode(bytes)).not.toContain('epoch')
  const opened = { key, jobId: job.jobId ?? '0x', bytes }
  expect(new TextDecoder().decode(await decryptResult({ ...opened, kind: 'log' }))).toBe('epoch 1\n')
  await expect(decryptResult({ ...opened, kind: 'output' })).rejects.toMatchObject({ code: 'result.unreadable' })
})

test('the page tells the outcome and what is needed, and carries neither key nor plain text', async () => {
  const { job, key } = done
  const html = await (await web.request(path(job))).text()
  expect(html).toContain('4.00 USDC')
  expect(html).toContain('The key stands behind the #')
  expect(html).toContain(`http://gateway.test/file?root=${job.evidence?.log?.root}&amp;name=${job.ref}-log.enc`)
  expect(html).not.toContain(key.slice(2))
  expect(html).not.toContain('epoch')
  expect(html).not.toContain('train.py')
})

test('before the end there is nothing to open, and it is said', async () => {
  const job = await shop.ordered()
  expect(await (await web.request(path(job))).text()).toContain('when the job has ended')
  expect((await web.request(`${path(job)}/log.enc`)).status).toBe(404)
  expect(await (await web.request(`${path(job)}/status`)).json()).toMatchObject({ state: 'ordered' })
})

test('a lost or changed copy is not there, rather than wrong', async () => {
  const { job } = done
  const root = job.evidence?.log?.root ?? '0x'
  await shop.context.blobs.put(objectBlob(root), new Uint8Array([9]))
  expect((await web.request(`${path(job)}/log.enc`)).status).toBe(404)
  await shop.context.blobs.remove(objectBlob(root))
  expect((await web.request(`${path(job)}/log.enc`)).status).toBe(404)
})
