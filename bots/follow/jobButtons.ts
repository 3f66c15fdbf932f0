// The tokens behind a job's buttons, issued once per state of the decision and kept while it stands.
import type { Job } from '../../core/jobs/job.ts'
import type { Session } from '../../core/jobs/session.ts'
import { placeSchema, platform } from '../chat/inbound.ts'
import type { BotApp } from '../commands/app.ts'
import type { JobButtons } from '../views/jobView.ts'
import { usd } from '../views/words.ts'

const MAX_PICKS = 3
const RESCAN_MS = 24 * 3_600_000

/** Remembers what it issued, so that showing the same state again costs nothing. */
export function createJobButtons(app: BotApp) {
  const issued = new Map<string, { state: string; buttons: JobButtons }>()

  async function issue(job: Job, session: Session): Promise<JobButtons> {
    const nowMs = app.context.clock.now()
    const place = placeSchema.parse(session.place)
    const allowed = {
      kind: 'user' as const,
      platform: platform.parse(session.principal.platform),
      userId: session.principal.userId,
    }
    const token = (action: string, more: { data?: Record<string, string>; isReusable?: boolean } = {}) =>
      app.actions.issue({
        action,
        subject: job.ref,
        data: {},
        allowed,
        place,
        expiresAtMs: job.quoteExpiresAtMs ?? nowMs + RESCAN_MS,
        ...more,
      })
    switch (job.state) {
      case 'scanning':
        return { cancel: await token('job.cancel') }
      case 'offered':
        return {
          toggleMode: await token('job.mode', { data: { mode: job.mode === 'tracked' ? 'untracked' : 'tracked' } }),
          // Prices can be looked at without a workload; there is nothing to pay for then.
          ...(job.workload && { pay: await token('job.pay') }),
          picks: await Promise.all(
            (job.card?.alternatives ?? []).slice(0, MAX_PICKS).map(async ({ choice }) => ({
              label: `${choice.providerName} at ${usd(choice.usdPerGpuHour)} instead`.slice(0, 60),
              token: await token('job.pick', { data: { offerId: choice.offerId } }),
            })),
          ),
          cancel: await token('job.cancel'),
        }
      case 'ordered':
      case 'signed':
        return {
          secrets: await token('job.secrets', { isReusable: true }),
          cancel: await token('job.cancel'),
        }
      case 'lapsed':
      case 'refused':
        // Nothing may point at who asked once an untracked job has ended.
        return job.mode === 'tracked'
          ? {
              rescan: await app.actions.issue({
                action: 'job.rescan',
                subject: job.ref,
                data: {},
                allowed,
                place,
                expiresAtMs: nowMs + RESCAN_MS,
              }),
            }
          : {}
      default:
        return {}
    }
  }

  return {
    async of(job: Job, session: Session): Promise<JobButtons> {
      const state = [
        job.state === 'signed' ? 'ordered' : job.state,
        job.mode,
        job.pick ?? '',
        session.place.chatId,
      ].join('|')
      const known = issued.get(job.ref)
      if (known?.state === state) return known.buttons
      const buttons = await issue(job, session)
      issued.set(job.ref, { state, buttons })
      return buttons
    },
    forget: (ref: string) => void issued.delete(ref),
  }
}
