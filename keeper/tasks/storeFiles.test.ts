// Bringing queued objects to 0G: the job hears of its record at once, and an outage loses nothing.
import { beforeEach, describe, expect, test } from 'vitest'
import { transition } from '../../core/jobs/transitions.ts'
import { storeFile } from './storeFiles.ts'
import { createTestKeeper } from './testKeeper.ts'

const signal = new AbortController().signal
let bench: Awaited<ReturnType<typeof createTestKeeper>>
beforeEach(async () => {
  bench = await createTestKeeper()
})
const jobOf = (ref: string) => bench.shop.jobOf(ref)

describe('storeFile', () => {
  const pending = async (ref: string) => {
    const [doc] = await bench.shop.context.uploads.list({ index: 'ref', key: ref })
    if (!doc) throw new Error('no upload')
    return doc
  }
  const stored = { txSeq: 4, txHash: null, root: '0x', deduplicated: false, finalized: true } as const

  test('ZERO-03: the job hears of its record before the upload is over', async () => {
    const job = await bench.shop.signed()
    const { context } = bench.shop
    const zeroG = { put: async () => stored }
    expect(await storeFile({ context, zeroG, doc: await pending(job.ref), signal })).toBeUndefined()
    expect((await pending(job.ref)).value.state).toBe('stored')
    expect((await jobOf(job.ref)).recordStored).toMatchObject({ txSeq: 4 })
  })

  test('0G away: tried again, ever later, nothing lost; a cancelled job’s record is stored too', async () => {
    const job = await bench.shop.signed()
    await bench.shop.change(job.ref, (now) => transition(now, 'abandon'))
    const { context } = bench.shop
    const away = { put: () => Promise.reject(new Error('down')) }
    const waits: (number | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      waits.push(await storeFile({ context, zeroG: away, doc: await pending(job.ref), signal }))
      await bench.clock.tick(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([2_000, 4_000, 8_000])
    await storeFile({ context, zeroG: { put: async () => stored }, doc: await pending(job.ref), signal })
    expect((await pending(job.ref)).value).toMatchObject({ state: 'stored' })
    expect((await jobOf(job.ref)).state).toBe('cancelled')
  })
})
