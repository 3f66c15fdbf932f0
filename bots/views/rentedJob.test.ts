// What people read of a job on a machine that Necto rents: where it stands, who is paid, and why it ended early.
import { beforeAll, expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import type { Launch } from '../../core/launch/launch.ts'
import { createTestLauncher } from '../../core/launch/testLauncher.ts'
import { jobView } from './jobView.ts'

let job: Job
beforeAll(async () => {
  job = await (await createTestJobs({ launcher: createTestLauncher().launcher })).signed()
})
const run = {
  runner: '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955',
  acceptedAtMs: 1,
  lastSeenAtMs: 2,
  logChunks: 0,
  logBytes: 0,
  stopRequested: false,
} as const

function said(more: Partial<Job>, launch: Partial<Launch> = {}): string {
  const shown: Job = { ...job, ...more, launch: { ...(job.launch ?? expect.unreachable()), ...launch } }
  const { blocks } = jobView({
    job: shown,
    publicUrl: '',
    gatewayUrl: '',
    explorerTxUrl: undefined,
    buttons: {},
    nowMs: 0,
  })
  return JSON.stringify(blocks)
}

test.each<[string, Partial<Job>, Partial<Launch>]>([
  ['Run', { state: 'active' }, {}],
  ['Renting a machine at RENTED', { state: 'active' }, { requestedAtMs: 1 }],
  ['A machine at RENTED is starting', { state: 'active' }, { requestedAtMs: 1, ref: 'm' }],
  ['Running on a machine at RENTED', { state: 'running', run }, {}],
  ['Ran 1 min, exit code 3', { state: 'settling', usedSeconds: 60, run: { ...run, exitCode: 3, endedAtMs: 3 } }, {}],
  [
    'The machine at RENTED is gone; 1 min of it were seen',
    { state: 'settling', usedSeconds: 60, run: { ...run, endedAtMs: 3 } },
    {},
  ],
  ['Never started', { state: 'settling', usedSeconds: 0 }, {}],
])('%s', (text, more, launch) => {
  expect(said(more, launch)).toContain(`"${text}"`)
})

test('the wallet that is paid is said to be Necto’s own', () => {
  expect(said({})).toContain('settlement wallet (broker)')
})

test('why it ended early stands there in words, and no token', () => {
  const text = said({ state: 'settling', usedSeconds: 0 }, { why: 'AWS has none left.' })
  expect(text).toContain('AWS has none left.')
  expect(text).not.toContain(job.launch?.token)
})
