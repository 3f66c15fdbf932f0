// Whether the store still takes writes: a full disk or a volume that became read-only shows here first.
import type { Blobs } from '../store/store.ts'
import type { Check } from './readiness.ts'

const PROBE = 'health/probe'

export const storeWritable = (blobs: Blobs): Check => ({
  name: 'store',
  async fault() {
    await blobs.put(PROBE, new Uint8Array([1]))
    await blobs.remove(PROBE)
    return undefined
  },
})
