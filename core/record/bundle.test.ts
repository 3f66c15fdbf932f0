// Bundles: what goes in comes out, whatever its bytes; broken ones are refused; their word on the chain is not proof.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NectoError } from '../errors.ts'
import type { JobRecord } from '../escrow/jobRecord.ts'
import { createTestJobs, fundedEvent, place } from '../jobs/testJobs.ts'
import { getUploaded } from '../jobs/upload.ts'
import { bundleSources, readBundle, restsOnChain, writeBundle } from './bundle.ts'
import { verifyDecision } from './verifyDecision.ts'

async function paid() {
  const jobs = await createTestJobs()
  const { terms, record } = await jobs.signed({ mode: 'untracked' })
  const bytes = record && (await getUploaded({ ...jobs.context, root: record.root }))
  if (!bytes) throw new Error('no record')
  const funding = fundedEvent(terms)
  const jobRecord = { ...terms, id: funding.id, memberTag: undefined, status: 'funded' } as unknown as JobRecord
  const router = { chainId: place.chainId, router: place.router }
  return { bytes, router, text: writeBundle({ bytes, chain: { funding, jobRecord }, router }), funding }
}
const bytesOf = (text: string) => new TextEncoder().encode(text)
const open = (text: string) => readBundle(bytesOf(text)) ?? expect.unreachable('no bundle')

test('AGENT-04 a bundle verifies offline, every step judged', async () => {
  const { text, bytes, router, funding } = await paid()
  const bundle = open(text)
  expect(bundle.record).toEqual(bytes)
  expect(bundle.chain?.txHash).toBe(funding.at.transactionHash)
  const sources = bundleSources(bundle, router)
  for (const target of [
    { kind: 'bytes', bytes },
    { kind: 'id', id: funding.id },
  ] as const) {
    const { steps, failed } = await verifyDecision({ target, sources })
    expect(failed).toBeUndefined()
    expect(steps.every(({ ok }) => ok)).toBe(true)
    expect(steps.filter(({ step }) => !restsOnChain(step)).map(({ step }) => step)).toEqual([
      'bytes',
      'canonical',
      'schema',
      'replay',
    ])
  }
})

test('the same facts for another router, or another job, do not pass', async () => {
  const { text, bytes, router } = await paid()
  const sources = bundleSources(open(text), { ...router, router: `0x${'aa'.repeat(20)}` })
  expect((await verifyDecision({ target: { kind: 'bytes', bytes }, sources })).failed).toBe('terms-id')
  const other = await verifyDecision({ target: { kind: 'ref', ref: '0000-0000' }, sources })
  expect(other.failed).toBe('job')
  await expect(sources.fetchObject(`0x${'00'.repeat(32)}`)).rejects.toMatchObject({ code: 'bundle.other-record' })
})

test('any bytes survive, also without facts of a chain', () => {
  const router = { chainId: 1, router: place.router }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const bundle = open(writeBundle({ bytes, router }))
      expect(bundle.record).toEqual(bytes)
      expect(bundle.chain).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

test('a record is no bundle, and a broken bundle is refused', async () => {
  const { text, bytes } = await paid()
  expect(readBundle(bytes)).toBeUndefined()
  expect(readBundle(new Uint8Array())).toBeUndefined()
  for (const broken of [
    text.slice(0, -9),
    text.replace('"tracked": false', '"tracked": "no"'),
    text.replace('"chain"', '"chian"'),
  ]) {
    expect(broken).not.toBe(text)
    expect(() => readBundle(bytesOf(broken))).toThrow(NectoError)
  }
})
