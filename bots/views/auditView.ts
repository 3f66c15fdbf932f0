// The audit log in a chat: the page, and the last jobs each in one line.
import type { Job } from '../../core/jobs/job.ts'
import type { Team } from '../../core/teams/team.ts'
import { safeName } from '../chat/safeText.ts'
import type { Span, View } from '../chat/view.ts'
import { amountOf } from './jobAmount.ts'
import { shortHex, txSpan } from './words.ts'

const auditUrl = (publicUrl: string, team: Team): string => `${publicUrl}/audit/${team.auditToken}`

export function auditView(options: {
  team: Team
  /** Newest first; the pseudonym of the sealed record where the job is Tracked. */
  last: readonly { readonly job: Job; readonly pseudonym: string | undefined }[]
  total: number
  publicUrl: string
  explorerTxUrl: string | undefined
}): View {
  const { team, last, total, publicUrl, explorerTxUrl } = options
  return {
    blocks: [
      { kind: 'heading', text: `Audit log of ${safeName(team.title, { maxLength: 64 })}` },
      ...(last.length > 0
        ? [{ kind: 'list' as const, items: last.map((one) => line({ ...one, publicUrl, explorerTxUrl })) }]
        : [{ kind: 'text' as const, spans: ['No job was asked for in this team yet.'] }]),
      {
        kind: 'text',
        spans: [
          ...(total > last.length ? [`The last ${last.length} of ${total}. `] : []),
          { text: 'The whole log, with proof', href: auditUrl(publicUrl, team) },
        ],
      },
      { kind: 'note', text: 'Whoever has this link can read the log. An Untracked job stands as Anonymous.' },
    ],
  }
}

function line(options: {
  job: Job
  pseudonym: string | undefined
  publicUrl: string
  explorerTxUrl: string | undefined
}): Span[] {
  const { job, pseudonym, publicUrl, explorerTxUrl } = options
  const when = new Date(job.askedAtMs).toISOString().slice(0, 16).replace('T', ' ')
  const tx = (job.settled ?? job.refunded ?? job.funded)?.txHash
  const choice = job.card?.choice
  return [
    { text: job.ref, style: 'code' },
    ` ${when} · ${whoOf(job, pseudonym)} · ${choice ? safeName(choice.providerName) : '–'} · ${amountOf(job)}`,
    ...(tx ? [' · ', txSpan(tx, explorerTxUrl)] : []),
    ...(job.record ? [' · ', { text: `0G ${shortHex(job.record.root)}`, href: `${publicUrl}/verify/${job.ref}` }] : []),
  ]
}

function whoOf(job: Job, pseudonym: string | undefined): string {
  if (job.mode !== 'tracked') return 'Anonymous'
  return pseudonym ?? 'Tracked, not sealed yet'
}

/** In private without a team in use: the pages of one's own teams. */
export function teamLinksView(teams: readonly Team[], publicUrl: string): View {
  if (teams.length === 0) {
    return {
      blocks: [
        {
          kind: 'text',
          spans: ['An audit log belongs to a team. Send /audit in your team’s group, or /team use there first.'],
        },
      ],
    }
  }
  return {
    blocks: [
      { kind: 'heading', text: 'Audit logs of your teams' },
      {
        kind: 'list',
        items: teams.map((team) => [
          { text: safeName(team.title, { maxLength: 64 }), href: auditUrl(publicUrl, team) },
        ]),
      },
      {
        kind: 'note',
        text: 'Whoever has such a link can read the log. /team use picks one team for your private commands.',
      },
    ],
  }
}
