// The job page: status for everybody with the link, results only for who has the key.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { decryptResult } from '../../core/jobs/resultCipher.ts'
import { objectBlob } from '../../core/jobs/upload.ts'
import { type Finished, finishJob, startRun } from './testFinishedJob.ts'
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
  expect((await web.request(`${path(job)}/tail`)).status).toBe(404)
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

test('a lost copy is fetched from 0G, page by page, and believed no more than our own', async ({ onTestFinished }) => {
  const { context } = shop
  const log = 'x'.repeat(300_000)
  const big = await finishJob(shop, await shop.ordered(), { log, output: new Uint8Array([1]) })
  const root = big.job.evidence?.log?.root ?? '0x'
  const objects = (await context.uploads.get(root))?.value.objects.map((object) => object.root) ?? []
  expect(objects).toHaveLength(3)
  const stored = new Map<string, Uint8Array>()
  for (const object of objects) {
    stored.set(object, (await context.blobs.get(objectBlob(object))) ?? new Uint8Array())
    await context.blobs.remove(objectBlob(object))
  }
  const gateway = createServer((request, response) => {
    response.end(stored.get(new URL(request.url ?? '', 'http://gateway').searchParams.get('root') ?? ''))
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void gateway.close())
  const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  const near = await testWeb(shop, { gatewayUrl })
  const get = () => near.request(`/job/${big.job.linkToken}/log.enc`)
  const sealed = new Uint8Array(await (await get()).arrayBuffer())
  const opened = await decryptResult({ key: big.key, jobId: big.job.jobId ?? '0x', kind: 'log', bytes: sealed })
  expect(new TextDecoder().decode(opened)).toBe(log)
  stored.set(objects[1] ?? '', new Uint8Array([9]))
  expect((await get()).status).toBe(404)
})

describe.each(['tracked', 'untracked'] as const)('the log of a running %s job', (mode) => {
  const said = new TextEncoder().encode('epoch 1 läuft\n')
  const tail = async (job: Job, from: number | string) => web.request(`${path(job)}/tail?from=${from}`)

  test('is handed out in parts that only the result key opens, each bound to its place', async () => {
    const run = await startRun(shop, await shop.ordered({ mode }))
    expect((await tail(run.job, 0)).status).toBe(204)
    // A letter may be cut in two by the end of a chunk.
    await run.print(said.subarray(0, 10))
    await run.print(said.subarray(10))
    const reply = await tail(run.job, 0)
    expect(reply.headers.get('Log-Next')).toBe('2')
    const bytes = new Uint8Array(await reply.arrayBuffer())
    expect(Buffer.from(bytes).includes('epoch')).toBe(false)
    const sealed = { key: run.key, jobId: run.job.jobId ?? '0x', bytes }
    expect(await decryptResult({ ...sealed, kind: 'log-0-2' })).toEqual(said)
    for (const wrong of [
      { ...sealed, kind: 'log' },
      { ...sealed, kind: 'log-0-1' },
      { ...sealed, kind: 'log-0-2', jobId: `0x${'ab'.repeat(32)}` },
      { ...sealed, kind: 'log-0-2', key: `0x${'cd'.repeat(32)}` },
    ] as const) {
      await expect(decryptResult(wrong)).rejects.toMatchObject({ code: 'result.unreadable' })
    }
    const rest = await tail(run.job, 1)
    const opened = { ...sealed, bytes: new Uint8Array(await rest.arrayBuffer()), kind: 'log-1-2' } as const
    expect(await decryptResult(opened)).toEqual(said.subarray(10))
    expect((await tail(run.job, 2)).status).toBe(204)
  })

  test('a long one comes in parts of a bounded size, and whole', async () => {
    const run = await startRun(shop, await shop.ordered({ mode }))
    const chunk = new Uint8Array(100_000).fill(65)
    for (let n = 0; n < 7; n++) await run.print(chunk)
    const got: number[] = []
    for (let from = 0; from < 7; ) {
      const reply = await tail(run.job, from)
      got.push((await reply.arrayBuffer()).byteLength - 28)
      from = Number(reply.headers.get('Log-Next'))
    }
    expect(got).toEqual([300_000, 300_000, 100_000])
  })

  test('ends with the stored copy, and nothing plain is left to ask for', async () => {
    const run = await startRun(shop, await shop.ordered({ mode }))
    await run.print(said)
    for (const bad of ['-1', 'x', '1e3', '99999999999']) expect((await tail(run.job, bad)).status).toBe(404)
    await run.ends(new Uint8Array([1]))
    expect((await tail(run.job, 0)).status).toBe(404)
    expect((await web.request(`${path(run.job)}/log.enc`)).status).toBe(200)
  })
})

test('reading changes nothing, whatever is asked and however the job stands', async () => {
  const run = await startRun(shop, await shop.ordered())
  await run.print(new Uint8Array([65]))
  const waiting = await shop.ordered()
  const everything = async () => {
    const { jobs, sessions, listings, uploads, relayDays } = shop.context
    const all = await Promise.all([jobs.list(), sessions.list(), listings.list(), uploads.list(), relayDays.list()])
    return JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  }
  const before = await everything()
  for (const { linkToken } of [run.job, waiting, done.job]) {
    for (const at of ['', '/status', '/tail', '/log.enc', '/output.enc']) await web.request(`/job/${linkToken}${at}`)
    for (const at of ['', '/status', `/direct?from=0x${'a1'.repeat(20)}`]) {
      await web.request(`/pay/${linkToken}${at}`, { headers: { 'User-Agent': 'Discordbot/2.0' } })
    }
  }
  expect(await everything()).toBe(before)
})
