// Environment secrets go when a job has ended, however it did, and stay while a runner may still need them.
import { beforeEach, expect, test } from 'vitest'
import type { JobState } from '../../core/jobs/job.ts'
import { jobState } from '../../core/jobs/job.ts'
import { envOf, SECRETLESS_STATES, saveSecrets } from '../../core/jobs/secrets.ts'
import { openSecretsLink } from '../../core/jobs/secretsLink.ts'
import { TRANSITIONS } from '../../core/jobs/transitions.ts'
import { expireJob } from './expireJobs.ts'
import { forgetJobSecrets } from './forgetSecrets.ts'
import { createTestKeeper } from './testKeeper.ts'

const PLANTED = 'planted-value-93f1c7'
let bed: Awaited<ReturnType<typeof createTestKeeper>>
beforeEach(async () => {
  bed = await createTestKeeper()
})

test('no state without secrets leads to one where a runner takes the job', () => {
  const takes: readonly JobState[] = TRANSITIONS.accept.from
  for (const { from, to } of Object.values(TRANSITIONS))
    if (from.some((state) => SECRETLESS_STATES.includes(state))) expect(takes).not.toContain(to)
  const needing = jobState.options.filter((state) => !SECRETLESS_STATES.includes(state))
  expect(needing).toEqual(
    expect.arrayContaining(['ordered', 'signed', 'paying', 'funded', 'active', 'running', 'cancelling']),
  )
})

test('a quote that ran out leaves nothing of them in the store', async () => {
  const { shop, keeper, clock } = bed
  const { context } = keeper
  const job = await shop.orders(await shop.scans(await shop.asks()))
  const opened = await openSecretsLink(context, job.ref)
  if (!opened.ok) throw new Error(opened.why)
  await saveSecrets({ context, secretsToken: opened.secretsToken, text: `HF_TOKEN=${PLANTED}` })
  expect(await envOf(context, job.ref)).toEqual({ HF_TOKEN: PLANTED })
  await clock.tick(16 * 60_000)
  const doc = await context.jobs.get(job.ref)
  if (!doc) throw new Error('no job')
  await expireJob(keeper, doc, new AbortController().signal)
  const ended = await context.jobs.get(job.ref)
  expect(ended?.value.state).toBe('lapsed')
  if (ended) await forgetJobSecrets(keeper, ended)
  expect(await context.secrets.list()).toEqual([])
})
