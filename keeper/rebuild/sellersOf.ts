// Whom the registry pays for the listings that restored jobs were bought from: all that is left of their sellers.
import type { Address, Hex } from 'viem'
import type { Job } from '../../core/jobs/job.ts'
import type { Stored } from '../../core/store/store.ts'

/** By listing, each once; one whose entry cannot be read is left out. */
export async function sellersOf(options: {
  jobs: readonly Stored<Job>[]
  payoutOf: (provider: Hex) => Promise<Address | undefined>
}): Promise<{ listingId: string; payout: Address | undefined }[]> {
  const providers = new Map<string, Hex>()
  for (const { value: job } of options.jobs)
    if (job.restored && job.listingId && job.terms) providers.set(job.listingId, job.terms.provider)
  const sellers: { listingId: string; payout: Address | undefined }[] = []
  for (const [listingId, provider] of providers) {
    const payout = await options.payoutOf(provider).catch(() => 'unread' as const)
    if (payout !== 'unread') sellers.push({ listingId, payout })
  }
  return sellers
}
