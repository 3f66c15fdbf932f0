// The storage wallet's journal: each submission once, all of a root, oldest first, also after a restart.
import { afterEach, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createTemporaryStore } from '../store/temporaryStore.ts'
import { createStoreJournal, submissions } from './storeJournal.ts'

const open: { dispose(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose()
})
const hex = (byte: string) => `0x${byte.repeat(32)}` as const
const sent = (hash: string, root: string, nonce: number) => ({
  root: hex(root),
  hash: hex(hash),
  raw: '0x02ab' as const,
  nonce,
})

test('ZERO-01: what was signed for a root, or with a nonce, is there after a restart, oldest first', async () => {
  const disk = await createTemporaryStore()
  open.push(disk)
  const clock = createManualClock(1_000)
  const journal = createStoreJournal({ collection: disk.store.collection(submissions), clock })
  await journal.save(sent('f2', 'aa', 1))
  await clock.tick(10)
  // A later one whose hash sorts first, one of another root, and the first one again.
  await journal.save(sent('01', 'aa', 1))
  await journal.save(sent('03', 'bb', 2))
  await journal.save(sent('f2', 'aa', 1))
  const again = createStoreJournal({ collection: (await disk.reopen()).collection(submissions), clock })
  expect(await again.load(hex('aa'))).toEqual([sent('f2', 'aa', 1), sent('01', 'aa', 1)])
  expect(await again.load(hex('cc'))).toEqual([])
  expect(await again.loadNonce(1)).toEqual([sent('f2', 'aa', 1), sent('01', 'aa', 1)])
  expect(await again.loadNonce(2)).toEqual([sent('03', 'bb', 2)])
  expect(await again.loadNonce(3)).toEqual([])
})
