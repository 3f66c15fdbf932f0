// From the signature to the payout: each thing that has to happen, waited for in turn and told when it has.
import { NectoError } from '../core/errors.ts'
import type { JobsContext } from '../core/jobs/context.ts'
import type { Job } from '../core/jobs/job.ts'
import { showUsd } from '../core/money.ts'
import type { Story } from './story.ts'
import { type Limits, untilChanged } from './untilChanged.ts'

interface Milestone {
  /** What is waited for: "Waited 300 s in vain for …". */
  readonly what: string
  /** What is told once it has happened. */
  reached(job: Job): { text: string; txHash?: `0x${string}` | undefined; on?: '0G' } | undefined
}

const MILESTONES: readonly Milestone[] = [
  {
    what: 'the deposit to be in escrow',
    reached: ({ funded }) => funded && { text: `${showUsd(funded.depositMicroUsd)} USDC in escrow`, ...funded },
  },
  {
    what: 'the decision to be stored on 0G',
    reached: ({ recordStored }) => recordStored && { text: 'Decision stored on 0G', ...recordStored, on: '0G' },
  },
  {
    what: 'the start on chain',
    reached: ({ started }) => started && { text: 'Started on chain', ...started },
  },
  {
    what: 'the runner to run the command',
    reached: ({ run }) => {
      const receipt = run?.receipt?.receipt
      return (
        receipt && {
          text: `The runner ran it: ${receipt.usedSeconds} s, exit code ${receipt.exitCode}, receipt signed`,
        }
      )
    },
  },
  {
    what: 'the settlement',
    reached: ({ settled }) =>
      settled && {
        text: `Settled: ${showUsd(settled.paidMicroUsd)} to the seller, ${showUsd(settled.feeMicroUsd)} fee, ${showUsd(settled.refundedMicroUsd)} USDC back`,
        ...settled,
      },
  },
]

/** Follows it to its payout. Throws 'smoke.ended' when it comes to another end, 'smoke.waited' when it takes too long. */
export async function followJob(options: {
  context: Pick<JobsContext, 'jobs'>
  ref: string
  story: Story
  limits: Limits
  explorerTxUrl: string | undefined
  storageExplorerTxUrl: string | undefined
}): Promise<Job> {
  const { context, ref, story, limits, explorerTxUrl, storageExplorerTxUrl } = options
  const { jobs } = context
  let told: string | undefined
  for (const { what, reached } of MILESTONES) {
    const { text, txHash, on } = await untilChanged({
      what,
      collection: jobs,
      limits,
      async look() {
        const job = (await jobs.get(ref))?.value
        if (!job) throw new NectoError('smoke.ended', `Job ${ref} is gone from the store.`)
        const found = reached(job)
        if (found) return found
        refuseOtherEnds(job)
        if (job.trouble && job.trouble.text !== told) story.note(capital(job.trouble.text))
        told = job.trouble?.text
        return undefined
      },
    })
    story.done(text, { hash: txHash, explorerTxUrl: on === '0G' ? storageExplorerTxUrl : explorerTxUrl })
  }
  const job = (await jobs.get(ref))?.value
  const exitCode = job?.run?.receipt?.receipt.exitCode
  if (!job || exitCode !== 0) throw new NectoError('smoke.ended', `The command ended with exit code ${exitCode}.`)
  return job
}

function refuseOtherEnds(job: Job): void {
  // Handed back by the relay, with the reason.
  if (job.state === 'signed' && job.trouble) throw new NectoError('smoke.ended', capital(job.trouble.text))
  if (job.refunded) throw new NectoError('smoke.ended', `The deposit went back: ${job.refunded.why}`)
  if (job.state === 'lapsed' || job.state === 'cancelled')
    throw new NectoError('smoke.ended', 'The quote ran out before it was paid.')
  if (job.settled) throw new NectoError('smoke.ended', 'The job ended without a receipt of the runner.')
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
