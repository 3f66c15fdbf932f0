// For tests of the tasks: a keeper whose transactions are stored by the real sender and end as the test says.
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createManualClock } from '../../core/clock.ts'
import type { JobRecord } from '../../core/escrow/jobRecord.ts'
import { createTestJobs, place } from '../../core/jobs/testJobs.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import { silentLog } from '../../core/log.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type Intent, intents } from '../tx/intent.ts'
import { createSender } from '../tx/sender.ts'
import type { KeeperContext } from './keeper.ts'

/** The most that the test's transactions bid, in wei per gas. */
export const FEE_CAP_WEI = 10n

const SENT_HASH: Hex = `0x${'5e'.repeat(32)}`

/** A shop with its keeper. `chain` is what the tasks read of it: times in Unix seconds, which follow the clock until set. */
export async function createTestKeeper(options: Parameters<typeof createTestJobs>[0] = {}) {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const shop = await createTestJobs({ clock, ...options })
  const { context, store } = shop
  const docs = store.collection(intents)
  const chain: { nowSeconds?: number; readSeconds?: number; readBlock?: bigint; status?: JobRecord['status'] } = {}
  const clockSeconds = () => Math.floor(context.clock.now() / 1000)
  const sender = (byte: string) =>
    createSender({
      intents: docs,
      transports: [],
      account: privateKeyToAccount(`0x${byte.repeat(32)}`),
      chainId: place.chainId,
      confirmations: 1,
      clock: context.clock,
      log: silentLog,
      feeCapWei: FEE_CAP_WEI,
    })
  const keeper: KeeperContext = {
    context,
    intents: docs,
    agent: sender('c1'),
    relay: sender('c2'),
    feeCapWei: FEE_CAP_WEI,
    turns: createKeyedQueue(),
    router: place.router,
    registry: place.usdc,
    chainNowSeconds: async () => chain.nowSeconds ?? clockSeconds(),
    chainReadSeconds: async () => chain.readSeconds ?? clockSeconds(),
    chainReadBlock: async () => chain.readBlock ?? 0n,
    chainStatus: async () => chain.status,
    startedAtMs: context.clock.now(),
  }
  return {
    clock,
    shop,
    keeper,
    chain,
    intentIds: async () => (await docs.list()).map(({ id }) => id),
    sentHash: SENT_HASH,
    /** The transaction with this id was sent, and mined where it is final. */
    spends(
      id: string,
      as: { state: 'sent' | 'final'; gasLimit?: bigint; maxFeePerGas?: bigint; feeWei?: bigint },
    ): Promise<unknown> {
      const { state, gasLimit = 1n, maxFeePerGas = 1n, feeWei } = as
      const version = {
        nonce: 0,
        hash: SENT_HASH,
        raw: SENT_HASH,
        maxFeePerGas,
        maxPriorityFeePerGas: 0n,
        signedAtMs: 0,
      }
      const at = { hash: SENT_HASH, blockNumber: 1n, blockHash: SENT_HASH, status: 'success', gasUsed: 1n } as const
      const mined = feeWei !== undefined ? { mined: { ...at, feeWei } } : {}
      return updateDocument({
        collection: docs,
        id,
        change: (intent) => ({ ...intent, state, gasLimit, versions: [version], ...mined }),
      })
    },
    /** The transaction with this id ends so. */
    ends: (id: string, state: Intent['state'], code?: string) =>
      updateDocument({
        collection: docs,
        id,
        change: (intent) => ({ ...intent, state, ...(code && { failure: { code, text: code } }) }),
      }),
  }
}
