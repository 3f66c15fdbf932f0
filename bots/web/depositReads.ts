// A job's record and the refund address's credit, read from the chain through the wallet alone.
import { type Address, custom, type Hex } from 'viem'
import { type JobRecord, readJob } from '../../core/escrow/jobRecord.ts'
import { readClientOver } from '../../core/escrow/readClient.ts'
import { readCredit } from '../../core/escrow/routerReads.ts'
import type { MicroUsd } from '../../core/money.ts'

const READ_MS = 5_000

/** Each answers undefined where the wallet does not read for pages, or does not answer. */
export interface DepositReads {
  job(): Promise<JobRecord | undefined>
  credit(account: Address): Promise<MicroUsd | undefined>
}

export function createDepositReads(
  provider: Parameters<typeof custom>[0],
  { router, jobId }: { router: Address; jobId: Hex },
): DepositReads {
  const client = readClientOver(custom(provider, { retryCount: 0 }))
  const limits = { client, router, timeoutMs: READ_MS }
  return {
    job: () => readJob({ ...limits, id: jobId }).catch(() => undefined),
    credit: (account) => readCredit({ ...limits, account }).catch(() => undefined),
  }
}
