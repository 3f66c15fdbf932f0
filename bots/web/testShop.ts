// For tests of the pages: people whose jobs are brought to payment by the product's own flows.
import { type Clock, createManualClock } from '../../core/clock.ts'
import type { JobMode } from '../../core/jobs/job.ts'
import { createTestJobs, type place } from '../../core/jobs/testJobs.ts'
import { perGpuHour } from '../../core/money.ts'

export type TestShop = Awaited<ReturnType<typeof createTestShop>>

/** One live seller of two H100s at 2 USD, quotes of 15 minutes; `at` names a real escrow. */
export async function createTestShop(
  options: { at?: typeof place & { usdcName: string }; clock?: Clock; gpuCount?: number } = {},
) {
  const { clock = createManualClock(Date.now()), ...more } = options
  const jobs = await createTestJobs({ clock, ...more })
  const { context, domain, listing, change, store } = jobs

  return {
    context,
    store,
    domain,
    listing,
    change,
    /** A job with its scan done: offered, or refused where `maxUsd` is below everything. */
    async scanned(more: { mode?: JobMode; teamId?: string; label?: string; userId?: string; maxUsd?: bigint } = {}) {
      const { label = 'Ann', userId = '7', maxUsd, ...rest } = more
      const job = await jobs.asks({
        ...rest,
        workload: { command: ['python', 'train.py'] },
        principal: { platform: 'telegram', userId, label },
        ...(maxUsd && { ask: { maxUsdPerGpuHour: perGpuHour(maxUsd) } }),
      })
      return jobs.scans(job)
    },
    /** A job that waits for payment. */
    async ordered(more: Parameters<typeof this.scanned>[0] = {}) {
      return jobs.orders(await this.scanned(more))
    },
  }
}
