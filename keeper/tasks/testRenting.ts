// For tests: one job on a machine of the model launcher, active on chain, with every task that such a job has.
import { expect } from 'vitest'
import { NectoError } from '../../core/errors.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createMachineDesk } from '../../core/jobs/createMachineDesk.ts'
import { fundedEvent, startedEvent } from '../../core/jobs/testJobs.ts'
import { createTestLauncher } from '../../core/launch/testLauncher.ts'
import { launchJob, wantsLaunch } from './launchJobs.ts'
import type { Renting } from './renting.ts'
import { settleJob } from './settleJobs.ts'
import { createTestKeeper } from './testKeeper.ts'
import { watchJob } from './watchJobs.ts'

const signal = new AbortController().signal

export const later = (text = 'AWS has no such machine just now.') =>
  new NectoError('x.capacity', text, { retry: 'later' })
export const unknown = () => new NectoError('x.network', 'No answer.', { retry: 'unknown' })
export const never = () => new NectoError('x.quota', 'The account may rent no such machine.')
export const many = (make: () => NectoError) => Array.from({ length: 99 }, make)

export type RentingBed = Awaited<ReturnType<typeof openRenting>>

export async function openRenting() {
  const provider = createTestLauncher()
  const bench = await createTestKeeper({ launcher: provider.launcher })
  const { shop, clock } = bench
  const { context } = shop
  const begin = (launchers = [provider.launcher]): Renting => ({
    keeper: { ...bench.keeper, startedAtMs: clock.now() },
    launchers,
    machinesUrl: 'https://machines.example/',
    memory: new Map(),
  })
  let renting = begin()

  /** A job that was paid and is active on chain. */
  async function activeJob() {
    const job = await shop.signed()
    await applyRouterEvent(context, fundedEvent(job.terms))
    await applyRouterEvent(context, startedEvent(job.jobId, clock.now()))
    return { ...job, token: job.launch?.token ?? expect.unreachable('no machine is to be rented') }
  }
  const first = await activeJob()
  let job = first
  const docOf = async (ref: string) => (await context.jobs.get(ref)) ?? expect.unreachable('no job')

  /** One look of each task at a job. */
  async function look(ref = job.ref): Promise<number | undefined> {
    await watchJob(renting.keeper, await docOf(ref))
    const doc = await docOf(ref)
    return wantsLaunch(doc.value) ? launchJob(renting, doc, signal) : undefined
  }

  return {
    bench,
    shop,
    clock,
    provider,
    desk: createMachineDesk(context),
    job: () => job,
    now: () => shop.jobOf(job.ref),
    look,
    memory: () => renting.memory,
    settle: async () => settleJob(bench.keeper, await docOf(job.ref), signal),
    /** The keeper's process ends, and another begins. */
    beginsAnew(launchers = [provider.launcher]): void {
      renting = begin(launchers)
    },
    /** The process ends between writing down that it asks for a machine and the answer. */
    async diesAsking(): Promise<void> {
      await launchJob(renting, await docOf(job.ref), AbortSignal.abort()).catch(() => undefined)
      renting = begin()
    },
    /** From here on it is about another job. */
    async takesAnother(): Promise<void> {
      job = await activeJob()
    },
    /** Looks every ten seconds. */
    async looksFor(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 10_000) {
        await clock.tick(10_000)
        await look()
      }
    },
    /** The one machine there ever was. */
    onlyMachine() {
      const [machine, ...others] = provider.machines()
      expect(others).toEqual([])
      return machine ?? expect.unreachable('no machine')
    },
  }
}
