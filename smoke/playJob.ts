// One job from the ask to the payout, through the same flows that the bots call, and the pay page's own interface.
import type { LocalAccount } from 'viem'
import { NectoError } from '../core/errors.ts'
import type { Job } from '../core/jobs/job.ts'
import { orderJob } from '../core/jobs/orderJob.ts'
import { requestJob } from '../core/jobs/requestJob.ts'
import { scanJob } from '../core/jobs/scanJob.ts'
import { parseAskText } from '../core/market/askGrammar.ts'
import { showUsd } from '../core/money.ts'
import { followJob } from './followJob.ts'
import type { OpenNecto } from './openNecto.ts'
import { payByPage } from './payByPage.ts'
import { ASK } from './smallJob.ts'
import type { Story } from './story.ts'
import type { Limits } from './untilChanged.ts'

/** Plays it; the job as it was settled. `onRef` is told its name before any money moves. */
export async function playJob(options: {
  necto: OpenNecto
  payer: LocalAccount
  storageExplorerTxUrl: string | undefined
  story: Story
  limits: Limits
  onRef: (ref: string) => void
}): Promise<Job> {
  const { necto, payer, story, limits } = options
  const { context, domain, pagesUrl } = necto
  const { signal } = limits
  const offered = await decide(necto, signal)
  const { ref } = offered
  options.onRef(ref)
  const { choice } = offered.card ?? {}
  if (!choice) throw new NectoError('smoke.no-offer', 'The scan did not find the seller, so there is nothing to buy.')
  story.done(`Job ${ref}: scanned and decided: ${choice.providerName}, at most ${showUsd(choice.totalUsd)} USDC`)
  story.more(`the ask: /job ${ASK}`)
  const ordered = await orderJob({ context, ref })
  if (!ordered.ok) throw new NectoError('smoke.order', ordered.why)
  story.done(`Decision sealed: ${ordered.job.record?.length} bytes, root ${ordered.job.record?.root}`)
  const url = `${pagesUrl}/pay/${ordered.job.linkToken}`
  const depositMicroUsd = await payByPage({ url, account: payer, domain, router: context.escrow, signal })
  story.done(`Signed once on the pay page: ${showUsd(depositMicroUsd)} USDC; the relay brings it into escrow`)
  return followJob({ ...options, context, ref, explorerTxUrl: necto.network.explorerTxUrl })
}

async function decide({ context, market }: OpenNecto, signal: AbortSignal): Promise<Job> {
  const { providers } = market
  const asked = parseAskText(ASK, { knownProviders: providers.map(({ id }) => id) })
  if (!asked.ok) throw new NectoError('smoke.ask', 'The ask of the smoke test cannot be read any more.')
  const { job } = await requestJob({
    context,
    requestKey: 'smoke',
    ask: asked.ask,
    workload: asked.workload,
    mode: 'untracked',
    principal: { platform: 'smoke', userId: 'smoke', label: 'smoke' },
    place: {},
    providers,
  })
  await scanJob({ context, market, job, signal })
  return (await context.jobs.get(job.ref))?.value ?? job
}
