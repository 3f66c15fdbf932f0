// What people read of a job that was restored without the records that were lost: no guess at what is not known.
import { beforeAll, expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import { jobView } from './jobView.ts'

let job: Job
beforeAll(async () => {
  const { workload: _, user: __, ...signed } = await (await createTestJobs()).signed()
  job = { ...signed, restored: true }
})
const said = (more: Partial<Job>): string =>
  JSON.stringify(
    jobView({
      job: { ...job, ...more },
      publicUrl: '',
      gatewayUrl: '',
      explorerTxUrl: undefined,
      buttons: {},
      nowMs: 0,
    }).blocks,
  )
const run = {
  runner: '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955',
  acceptedAtMs: 1,
  lastSeenAtMs: 2,
  logChunks: 0,
  logBytes: 0,
  stopRequested: false,
} as const

test.each<[string, Partial<Job>]>([
  ['Running on the seller’s machine', { state: 'running', run }],
  ['Paid for 1 min; how it ran is not known any more', { state: 'finishing', usedSeconds: 60 }],
  ['Ran 1 min, exit code 3', { state: 'settled', usedSeconds: 60, run: { ...run, exitCode: 3, endedAtMs: 2 } }],
  ['Its decision could not be read from 0G yet.', { state: 'cancelling', card: undefined }],
])('%s', (text, more) => {
  const shown = said(more)
  expect(shown).toContain(text)
  expect(shown).toContain('who asked, what it ran and its messages are not known any more')
  // It did run something.
  expect(shown).not.toContain('prices only')
})
