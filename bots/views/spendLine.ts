// The line a team's channel gets when a tracked job has been paid: who, what, how much, and how to audit it.
import { chargedOf } from '../../core/jobs/chargedOf.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { Team } from '../../core/teams/team.ts'
import type { View } from '../chat/view.ts'
import { showSeconds, txSpan, usdc } from './words.ts'

export function spendLine(options: {
  job: Job
  team: Team
  publicUrl: string
  explorerTxUrl: string | undefined
}): View {
  const { job, team, publicUrl, explorerTxUrl } = options
  return {
    blocks: [
      {
        kind: 'text',
        spans: [
          { text: job.user?.label ?? 'Anonymous', style: 'bold' },
          ' spent ',
          { text: usdc(chargedOf(job)), style: 'bold' },
          ` on ${job.card?.choice?.gpu ?? 'GPUs'} ×${job.ask.gpuCount} at ${job.card?.choice?.providerName ?? 'a provider'}, ${showSeconds(job.usedSeconds ?? 0)} used (job ${job.ref}). `,
          ...(job.settled ? [txSpan(job.settled.txHash, explorerTxUrl), ' · '] : []),
          { text: 'Audit', href: `${publicUrl}/audit/${team.auditToken}` },
        ],
      },
    ],
  }
}
