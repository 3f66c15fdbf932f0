// A lowdb store in a folder of its own, gone after the test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLowdbStore } from './lowdb.ts'
import type { StoreUnderTest } from './testOrders.ts'

/** Opens a fresh store. */
export async function createTemporaryStore(): Promise<Required<StoreUnderTest> & { directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'necto-store-'))
  const first = await openLowdbStore({ directory })
  let latest = first
  return {
    directory,
    store: first,
    async reopen() {
      await latest.close()
      latest = await openLowdbStore({ directory })
      return latest
    },
    async dispose() {
      await latest.close()
      await rm(directory, { recursive: true })
    },
  }
}
