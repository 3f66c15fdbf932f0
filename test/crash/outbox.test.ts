// A record on its way to 0G, with the real SDK: the process dies at every write, and still it is paid for once and stored.
import { describe, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { openCollections } from '../../core/jobs/context.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import { queueUpload } from '../../core/jobs/upload.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { createStoreJournal, submissions } from '../../core/zerog/storeJournal.ts'
import { storeFile } from '../../keeper/tasks/storeFiles.ts'
import { bedFor, keyOf, type StorageBed, sample } from '../world/zerog/storageBed.ts'
import { createCrashingStore } from './crashingStore.ts'

const MAX_LIVES = 10
const WALLETS = 4
const signal = new AbortController().signal

/** Brings one object to 0G over a store that dies once at most. */
async function carry(
  bed: StorageBed,
  options: { wallet: number; seed: number; crashAt?: number; side?: 'before' | 'after' },
) {
  const inner = createMemoryStore()
  const clock = createManualClock(1_000)
  const { context } = await createTestJobs({ store: inner, clock })
  const bytes = sample(700, options.seed)
  const { root } = await queueUpload({ ...context, kind: 'evidence', ref: 'AAAA-0000', bytes, nowMs: clock.now() })
  const upload = async () => (await context.uploads.get(root))?.value
  const disk = createCrashingStore(inner, options)
  for (let life = 0; (await upload())?.state !== 'stored'; life++) {
    if (life > MAX_LIVES) throw new Error(`stuck: ${JSON.stringify(await upload())}`)
    const store = disk.begin()
    const alive = { ...context, ...openCollections(store) }
    const journal = createStoreJournal({ collection: store.collection(submissions), clock })
    const zeroG = bed.open({ journal, signerKey: keyOf(options.wallet) })
    const doc = await context.uploads.get(root)
    if (doc) await storeFile({ context: alive, zeroG, doc, signal }).catch(() => undefined)
    await zeroG.close()
    await clock.tick(600_000)
  }
  const payments = await inner.collection(submissions).list()
  return { writes: disk.writes(), upload: await upload(), payments: payments.length, root }
}

describe('the outbox', () => {
  test('ZERO-01: dies at every write of an upload: paid once, stored, told as stored only then', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const whole = await carry(bed, { wallet: 3, seed: 0 })
    // The payment twice (journal, upload), registered, taken, final, stored; two of them may fall together.
    expect(whole.writes).toBeGreaterThanOrEqual(5)
    const cases = Array.from({ length: whole.writes }, (_, i) => i + 1).flatMap((crashAt) =>
      (['before', 'after'] as const).map((side) => ({ crashAt, side })),
    )
    // A wallet carries one object at a time, so that no two processes share its nonces.
    for (let from = 0; from < cases.length; from += WALLETS) {
      await Promise.all(
        cases.slice(from, from + WALLETS).map(async (at, i) => {
          const end = await carry(bed, { ...at, wallet: 3 + i, seed: from + i + 1 })
          const { payments, upload, root } = end
          expect({ ...at, payments, upload }).toMatchObject({
            ...at,
            payments: 1,
            upload: { state: 'stored', objects: [{ state: 'finalized' }] },
          })
          expect(bed.node.peek(root)?.final).toBe(true)
        }),
      )
    }
    expect(await bed.submissions()).toBe(cases.length + 1)
  }, 300_000)
})
