// A rebuild dies at every single write, right before it or right after; run again it comes to the very same store.
import { beforeAll, expect, test } from 'vitest'
import { uploads } from '../../core/jobs/upload.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Store } from '../../core/store/store.ts'
import { createLost, type Lost } from '../../keeper/rebuild/testLost.ts'
import { Crash, createCrashingStore } from './crashingStore.ts'
import { SIDES } from './playJobs.ts'

let lost: Lost
beforeAll(async () => {
  lost = await createLost()
  await lost.everyState()
})

/** Rebuilds until it is done, over what the lives before left. */
async function rebuildThrough(inner: Store, crash: { crashAt?: number; side?: 'before' | 'after' } = {}) {
  const disk = createCrashingStore(inner, crash)
  for (let life = 0; ; life++) {
    const result = await lost.rebuild(disk.begin()).catch((error: unknown) => {
      if (error instanceof Crash) return undefined
      throw error
    })
    if (!result) continue
    const files = (await inner.collection(uploads).list()).map(({ value }) => value)
    return { life, writes: disk.writes(), jobs: [...result.jobs.values()], files, blobs: disk.blobNames(), result }
  }
}

test('whichever write is the last of its process', async () => {
  const whole = await rebuildThrough(createMemoryStore())
  expect(whole).toMatchObject({ life: 0 })
  expect(whole.writes).toBeGreaterThan(25)
  for (let crashAt = 1; crashAt <= whole.writes; crashAt++) {
    for (const side of SIDES) {
      const { life, jobs, files, blobs, result } = await rebuildThrough(createMemoryStore(), { crashAt, side })
      expect({ crashAt, side, life }).toEqual({ crashAt, side, life: 1 })
      expect(result.rebuilt.missing).toEqual([])
      expect({ crashAt, side, jobs, files, blobs }).toEqual({
        ...{ crashAt, side, jobs: whole.jobs, files: whole.files, blobs: whole.blobs },
      })
    }
  }
})
