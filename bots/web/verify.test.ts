// The verify page: the steps and the decision, readable.
import { hexToBytes, keccak256 } from 'viem'
import { expect, test } from 'vitest'
import { NectoError } from '../../core/errors.ts'
import { objectBlob } from '../../core/jobs/upload.ts'
import { readBundle } from '../../core/record/bundle.ts'
import { splitPages } from '../../core/record/pages.ts'
import { finishJob } from './testFinishedJob.ts'
import { createTestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

const plain = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('VERIFY the first link is the raw bytes on 0G, then our own copy of exactly those bytes', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { ref, record } = await shop.ordered()
  const html = await (await web.request(`/verify/${ref}`)).text()
  const [first, second] = [...html.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href)
  expect(first).toBe(`http://gateway.test/file?root=${record?.root}&amp;name=${ref}.json`)
  expect(second).toBe(`/record/${record?.root}`)
  const copy = await web.request(second ?? '')
  expect(copy.headers.get('Content-Type')).toBe('application/json')
  const bytes = new Uint8Array(await copy.arrayBuffer())
  expect(keccak256(bytes)).toBe(record?.hash)
  expect(splitPages(bytes).root).toBe(record?.root)
})

test('the decision reads: who won, who did not and why, who was asked, how it was checked', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { job } = await finishJob(shop, await shop.ordered(), { log: 'x', output: new Uint8Array() })
  for (const name of [job.ref, job.jobId, job.record?.root.toUpperCase().replace('X', 'x')]) {
    const text = plain(await (await web.request(`/verify/${name}`)).text())
    for (const said of [
      'Berlin Rack',
      'selected, rank 1',
      'would fit but cannot be booked through Necto: no wallet for Akash is set up',
      'nosana failed',
      'No step failed',
      'ok The same inputs decide the same',
      `./necto verify ${job.ref}`,
      '3.90 USDC to the seller, 0.10 USDC fee, 4.00 USDC returned',
      'Terms that were paid for',
      'Tracked: by',
    ]) {
      expect(text).toContain(said)
    }
    expect(text).not.toContain('Ann')
    expect(text).not.toContain(job.linkToken)
  }
})

test('an untracked decision names nobody', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { ref } = await shop.ordered({ mode: 'untracked' })
  expect(plain(await (await web.request(`/verify/${ref}`)).text())).toContain('the record names nobody')
})

test('a decision that found nothing is there too, with its reasons', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { ref, state } = await shop.scanned({ maxUsd: 1_000_000n })
  expect(state).toBe('refused')
  const text = plain(await (await web.request(`/verify/${ref}`)).text())
  expect(text).toContain('the limit is $1.00')
  expect(text).toContain('Nothing was paid for on this decision.')
})

test('terms that nobody paid for stay private', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { ref, linkToken } = await shop.ordered()
  const refundTo = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc'
  await web.request(`/pay/${linkToken}/terms`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refundTo }),
  })
  expect(await (await web.request(`/verify/${ref}`)).text()).not.toContain(refundTo)
})

test('a step that fails is named; checks that cannot run say why, and the rest of the page stands', async () => {
  const shop = await createTestShop()
  const { ref } = await shop.ordered()
  const failing = await testWeb(shop, {
    verifyJob: async () => ({
      steps: [
        { step: 'bytes', ok: true, detail: '4 bytes' },
        { step: 'root', ok: false, detail: 'expected 0x1, found 0x2 <b>' },
        { step: 'something-new', detail: 'no chain was read' },
      ],
    }),
  })
  const html = await (await failing.request(`/verify/${ref}`)).text()
  expect(plain(html)).toContain('Failed: “Their 0G Merkle root is the sealed one” does not hold.')
  expect(plain(html)).toContain('not judged something-new no chain was read')
  expect(html).toContain('found 0x2 &lt;b&gt;')

  const down = await testWeb(shop, {
    verifyJob: async () => {
      throw new NectoError('chain.unavailable', 'The chain does not answer.', {
        retry: 'later',
        details: 'http://key@rpc',
      })
    },
  })
  const text = plain(await (await down.request(`/verify/${ref}`)).text())
  expect(text).toContain('The checks could not be run now: The chain does not answer.')
  expect(text).toContain('selected, rank 1')
  expect(text).not.toContain('key@rpc')
})

test('only records are handed out by their root, and a broken copy is not', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { job } = await finishJob(shop, await shop.ordered(), { log: 'x', output: new Uint8Array() })
  const root = job.record?.root ?? '0x'
  for (const other of [job.evidence?.root, job.evidence?.log?.root, `0x${'00'.repeat(32)}`, '0x1', 'nope']) {
    expect((await web.request(`/record/${other}`)).status).toBe(404)
  }
  await shop.context.blobs.put(objectBlob(root), hexToBytes('0x7b7d'))
  expect((await web.request(`/record/${root}`)).status).toBe(500)
  expect(plain(await (await web.request(`/verify/${job.ref}`)).text())).toContain(
    'Our own copy of the record cannot be read',
  )
})

test('the bundle has our copy of the bytes; what no chain said is not in it', async () => {
  const shop = await createTestShop()
  const web = await testWeb(shop)
  const { ref, record } = await shop.ordered()
  const reply = await web.request(`/verify/${ref}/bundle`)
  expect(reply.headers.get('Content-Disposition')).toBe(`attachment; filename="${ref}.bundle.json"`)
  const bundle = readBundle(new Uint8Array(await reply.arrayBuffer()))
  expect(keccak256(bundle?.record ?? '0x')).toBe(record?.hash)
  expect(bundle?.chain).toBeUndefined()
  for (const other of ['0000-0000', 'nope']) expect((await web.request(`/verify/${other}/bundle`)).status).toBe(404)
})
