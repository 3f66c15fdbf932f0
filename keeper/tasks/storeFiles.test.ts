// Bringing queued objects to 0G: the job hears of its record at once, and an outage loses nothing.
import { beforeEach, describe, expect, test } from 'vitest'
import { transition } from '../../core/jobs/transitions.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'
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
  const neverAsked = () => Promise.reject(new Error('no batch'))
  const stored = { txSeq: 4, txHash: null, root: '0x', deduplicated: false, finalized: true } as const

  test('ZERO-03: the job hears of its record before the upload is over', async () => {
    const job = await bench.shop.signed()
    const { context } = bench.shop
    const zeroG = { put: async () => stored, kvPut: neverAsked }
    expect(await storeFile({ context, zeroG, doc: await pending(job.ref), signal })).toBeUndefined()
    expect((await pending(job.ref)).value.state).toBe('stored')
    expect((await jobOf(job.ref)).recordStored).toMatchObject({ txSeq: 4 })
  })

  test('0G away: tried again, ever later, nothing lost; a cancelled job’s record is stored too', async () => {
    const job = await bench.shop.signed()
    await bench.shop.change(job.ref, (now) => transition(now, 'abandon'))
    const { context } = bench.shop
    const away = { put: () => Promise.reject(new Error('down')), kvPut: neverAsked }
    const waits: (number | undefined)[] = []
    for (let i = 0; i < 10; i++) {
      waits.push(await storeFile({ context, zeroG: away, doc: await pending(job.ref), signal }))
      await bench.clock.tick(waits.at(-1) ?? 0)
    }
    const soon = waits.slice(0, 3).map((ms, i) => ms !== undefined && ms > 0 && ms <= 2_000 * 3 ** i)
    expect(soon).toEqual([true, true, true])
    expect(waits.slice(3)).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000])
    await storeFile({
      context,
      zeroG: { put: async () => stored, kvPut: neverAsked },
      doc: await pending(job.ref),
      signal,
    })
    expect((await pending(job.ref)).value).toMatchObject({ state: 'stored' })
    expect((await jobOf(job.ref)).state).toBe('cancelled')
  })

  test('each step is in the document before the next one is taken, and a late word takes nothing back', async () => {
    const job = await bench.shop.signed()
    const { context } = bench.shop
    const txHash = `0x${'7a'.repeat(32)}` as const
    const seen: unknown[] = []
    const look = async () => seen.push((await pending(job.ref)).value.objects.map(({ state }) => state))
    const put: ZeroG['put'] = async (_, options) => {
      await look()
      for (const step of [
        { state: 'submitting', txHash } as const,
        { state: 'uploaded' } as const,
        { state: 'registered', txHash } as const,
      ]) {
        await options?.onStep?.(step)
        await look()
      }
      throw new Error('killed')
    }
    await storeFile({ context, zeroG: { put, kvPut: neverAsked }, doc: await pending(job.ref), signal })
    expect(seen).toEqual([['built'], ['submitting'], ['uploaded'], ['uploaded']])
    expect((await jobOf(job.ref)).recordStored).toBeUndefined()
    await bench.clock.tick(2_000)
    await storeFile({
      context,
      zeroG: { put: async () => stored, kvPut: neverAsked },
      doc: await pending(job.ref),
      signal,
    })
    expect((await pending(job.ref)).value).toMatchObject({ state: 'stored', objects: [{ state: 'finalized', txHash }] })
  })
})
