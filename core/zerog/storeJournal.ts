// The storage wallet's journal in the document store: signed submissions survive a crash before they are sent.
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { bytes32, hexBytes, instantMs } from '../codecs.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'
import type { SentTransaction, TransactionJournal } from './journal.ts'

const submissionSchema = z.strictObject({
  root: bytes32,
  hash: bytes32,
  raw: hexBytes,
  nonce: z.int().nonnegative(),
  savedAtMs: instantMs,
})
export type Submission = z.output<typeof submissionSchema>

export const submissions: CollectionDefinition<Submission> = {
  name: 'submissions',
  schema: submissionSchema,
  indexes: { root: ({ root }) => [root], nonce: ({ nonce }) => [String(nonce)] },
}

/** A TransactionJournal over one collection (`submissions`). */
export function createStoreJournal(options: { collection: Collection<Submission>; clock: Clock }): TransactionJournal {
  const { collection, clock } = options

  async function loadBy(index: 'root' | 'nonce', key: string): Promise<SentTransaction[]> {
    const found = (await collection.list({ index, key })).map((doc) => doc.value)
    return found.sort((a, b) => a.savedAtMs - b.savedAtMs).map(({ savedAtMs: _, ...sent }) => sent)
  }

  return {
    async save(sent) {
      await collection.insert(sent.hash, { ...sent, savedAtMs: clock.now() })
    },
    load: (root) => loadBy('root', root),
    loadNonce: (nonce) => loadBy('nonce', String(nonce)),
  }
}
