// A job's state in a word or two.
import type { JobState } from '../../core/jobs/job.ts'

const WORDS: Record<JobState, string> = {
  scanning: 'scanning',
  refused: 'nothing fitted',
  offered: 'offered, not ordered',
  ordered: 'waiting for payment',
  signed: 'waiting for payment',
  paying: 'payment on its way',
  funded: 'in escrow',
  starting: 'starting',
  active: 'waiting for its machine',
  running: 'running',
  finishing: 'ended, being settled',
  settling: 'ended, being settled',
  cancelling: 'deposit on its way back',
  settled: 'settled',
  refunded: 'refunded',
  lapsed: 'quote ran out, not paid',
  cancelled: 'cancelled, not paid',
}

export const stateWords = (state: JobState): string => WORDS[state]
