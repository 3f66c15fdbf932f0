// The scan as it runs: one step per provider, what it answered or why it is absent.
import type { ProviderProgress } from '../../core/jobs/job.ts'
import type { Block, StepState } from '../chat/view.ts'
import { showMs, showSeconds } from './words.ts'

const STATES: Record<ProviderProgress['state'], StepState> = {
  scanning: 'working',
  answered: 'done',
  failed: 'failed',
  late: 'failed',
  skipped: 'skipped',
}

function stepText(progress: ProviderProgress): string {
  const { state, offers = 0, ms = 0, ageMs = 0, note } = progress
  const age = ageMs >= 1000 ? `, ${showSeconds(Math.round(ageMs / 1000))} old` : ''
  switch (state) {
    case 'scanning':
      return ''
    case 'answered':
      return `${offers} ${offers === 1 ? 'offer' : 'offers'}, ${showMs(ms)}${age}${note ? ` (${note})` : ''}`
    case 'failed':
      return `absent: ${note ?? 'no usable answer'}`
    case 'late':
      return 'absent: no answer within the deadline'
    case 'skipped':
      return `left out: ${note ?? 'not configured'}`
  }
}

/** AGENT-03: the thinking steps, "Scanning Akash… ✓ 14 offers, 0.4 s". */
export function scanSteps(scan: readonly ProviderProgress[]): Block {
  return {
    kind: 'steps',
    items: scan.map((progress) => ({
      state: STATES[progress.state],
      lead: `Scanning ${progress.name}…`,
      text: stepText(progress),
    })),
  }
}
