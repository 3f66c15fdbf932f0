// Before and at the seal: one job per chat event, mode, pick, giving up, and one record whatever comes between.
import { describe, expect, test } from 'vitest'
import { setCapacity } from '../supply/submitListing.ts'
import { abandonJob, chooseMode, pickOffer } from './changeOffer.ts'
import { getMarketInput, putMarketInput } from './marketInput.ts'
import { sealJob } from './sealJob.ts'
import { createTestJobs, secretWorkload } from './testJobs.ts'
import { transition } from './transitions.ts'
import { queueUpload } from './upload.ts'

const offered = async (more: Parameters<Awaited<ReturnType<typeof createTestJobs>>['asks']>[0] = {}) => {
  const shop = await createTestJobs()
  return { shop, context: shop.context, job: await shop.scans(await shop.asks(more)) }
}

test('the same chat event twice is one job and one session', async () => {
  const shop = await createTestJobs()
  const [first, second] = [await shop.asks({ requestKey: 'tg:5' }), await shop.asks({ requestKey: 'tg:5' })]
  expect(second).toEqual(first)
  expect(await shop.context.jobs.list()).toHaveLength(1)
  expect(await shop.context.sessions.list()).toHaveLength(1)
})

test('AGENT-03: the scan leaves a card, each provider’s progress, and an end to the quote', async () => {
  const { job, shop } = await offered()
  expect(job).toMatchObject({ state: 'offered', quoteExpiresAtMs: shop.context.clock.now() + 900_000 })
  expect(job.scan.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'necto answered',
    'akash answered',
    'nosana failed',
  ])
  expect(job.card).toMatchObject({
    offersTotal: 2,
    offersFitting: 1,
    choice: { providerName: 'Berlin Rack', totalUsd: 8_000_000n },
  })
  expect(job.card?.comparison.map(({ verdict }) => verdict)).toContain('chosen')
})

test('AGENT-05: nothing fits: refused with the reasons counted, and the decision is saved all the same', async () => {
  const shop = await createTestJobs()
  await setCapacity({ listings: shop.context.listings, id: shop.listing.id, capacity: 'offline' })
  const job = await shop.scans(await shop.asks())
  expect(job.state).toBe('refused')
  expect(job.card?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(2)
  expect(job.card?.choice).toBeUndefined()
  expect(await shop.context.uploads.list({ index: 'ref', key: job.ref })).toHaveLength(1)
})

describe('MODE-01: the mode', () => {
  test('may be changed while the decision is open, and not once it is being sealed', async () => {
    const { context, job } = await offered()
    expect(await chooseMode({ context, ref: job.ref, mode: 'untracked' })).toMatchObject({ mode: 'untracked' })
    await sealJob({ context, ref: job.ref })
    expect(await chooseMode({ context, ref: job.ref, mode: 'tracked' })).toBeUndefined()
  })

  test('changed while the seal is under way, names nobody in an untracked job', async () => {
    for (let i = 0; i < 10; i++) {
      const { context, job, shop } = await offered()
      await Promise.all([sealJob({ context, ref: job.ref }), chooseMode({ context, ref: job.ref, mode: 'untracked' })])
      const sealed = await shop.jobOf(job.ref)
      expect(sealed.user !== undefined).toBe(sealed.mode === 'tracked')
      expect(sealed.record).toBeDefined()
    }
  })

  test('ZERO-06: an untracked job makes no pseudonym, a tracked one keeps its own', async () => {
    const shop = await createTestJobs()
    await shop.orders(await shop.scans(await shop.asks({ mode: 'untracked' })))
    expect(await shop.context.pseudonyms.list()).toEqual([])
    await shop.orders(await shop.scans(await shop.asks({ mode: 'tracked' })))
    const [made] = await shop.context.pseudonyms.list()
    await shop.orders(await shop.scans(await shop.asks({ mode: 'tracked' })))
    expect(await shop.context.pseudonyms.list()).toEqual([made])
  })
})

describe('ZERO-01: the seal', () => {
  test('two at once make one record', async () => {
    const { context, job } = await offered()
    const sealed = await Promise.all([1, 2, 3].map(() => sealJob({ context, ref: job.ref })))
    expect(new Set(sealed.map((one) => one?.record?.root)).size).toBe(1)
    expect(sealed.every((one) => one?.record)).toBe(true)
    expect(await context.uploads.list()).toHaveLength(1)
  })

  test('after a crash behind the upload comes to the very same bytes, tags and all', async () => {
    const { context, job, shop } = await offered({ teamId: 'telegram:-100' })
    const input = await getMarketInput(context.blobs, job.ref)
    await sealJob({ context, ref: job.ref })
    // As if the process had died before the job was told: no record in it, the market's answers still there.
    await shop.change(job.ref, ({ record: _, selection: __, ...rest }) => rest)
    if (input) await putMarketInput(context.blobs, job.ref, input)
    await sealJob({ context, ref: job.ref })
    expect(await context.uploads.list()).toHaveLength(1)
  })

  test('clears what a crash left behind it', async () => {
    const { context, job } = await offered()
    const input = await getMarketInput(context.blobs, job.ref)
    await sealJob({ context, ref: job.ref })
    if (input) await putMarketInput(context.blobs, job.ref, input)
    await sealJob({ context, ref: job.ref })
    expect(await getMarketInput(context.blobs, job.ref)).toBeUndefined()
  })

  test('without a decision there is none', async () => {
    const shop = await createTestJobs()
    const job = await shop.asks()
    expect(await sealJob({ context: shop.context, ref: job.ref })).toBeUndefined()
    expect(await sealJob({ context: shop.context, ref: 'AAAA-AAAA' })).toBeUndefined()
  })
})

describe('another offer', () => {
  test('that fits is taken; one that does not, or none, changes nothing', async () => {
    const { context, job, shop } = await offered()
    for (const offerId of ['akash:provider-7', 'none', ''])
      expect(await pickOffer({ context, ref: job.ref, offerId })).toBeUndefined()
    expect(await pickOffer({ context, ref: job.ref, offerId: `necto:${shop.listing.id}` })).toMatchObject({
      state: 'offered',
    })
    await sealJob({ context, ref: job.ref })
    expect(await pickOffer({ context, ref: job.ref, offerId: `necto:${shop.listing.id}` })).toBeUndefined()
  })
})

describe('giving up', () => {
  test('saves the decision with who asked, as the mode says, and answers the same when asked again', async () => {
    const { context, job } = await offered()
    const cancelled = await abandonJob({ context, ref: job.ref })
    expect(cancelled).toMatchObject({ state: 'cancelled', user: { userId: '7700770077' } })
    expect(cancelled?.record).toBeDefined()
    expect(await abandonJob({ context, ref: job.ref })).toEqual(cancelled)
  })

  test('frees the capacity, also when the first try died in between', async () => {
    const { context, shop, job } = await offered()
    const signed = await shop.signs(await shop.orders(job))
    await shop.change(signed.ref, (now) => transition(now, 'abandon'))
    expect(await shop.reservations()).not.toEqual({})
    await abandonJob({ context, ref: job.ref })
    expect(await shop.reservations()).toEqual({})
  })

  test('comes too late once it is paying', async () => {
    const { context, shop, job } = await offered()
    await shop.pays(await shop.signs(await shop.orders(job)))
    expect(await abandonJob({ context, ref: job.ref })).toBeUndefined()
    expect((await shop.jobOf(job.ref)).state).toBe('paying')
  })

  test('during the scan leaves nothing of the market behind', async () => {
    const shop = await createTestJobs()
    const job = await shop.asks()
    await abandonJob({ context: shop.context, ref: job.ref })
    await shop.scans(job)
    expect((await shop.jobOf(job.ref)).state).toBe('cancelled')
    expect(await getMarketInput(shop.context.blobs, job.ref)).toBeUndefined()
  })
})

test('ZERO-04: the same bytes are queued once; the workload stands in the record as its hash alone', async () => {
  const { context, job } = await offered()
  const queue = () =>
    queueUpload({ ...context, kind: 'evidence', ref: job.ref, bytes: new Uint8Array([1, 2, 3]), nowMs: 1 })
  expect(await queue()).toEqual(await queue())
  expect(await context.uploads.list()).toHaveLength(1)
  expect(job.workload?.value).toEqual(secretWorkload)
})
