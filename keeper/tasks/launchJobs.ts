// Jobs on machines that Necto rents elsewhere: rented, watched, given back, by where the job stands.
import { isEnded, type Job } from '../../core/jobs/job.ts'
import type { Stored } from '../../core/store/store.ts'
import { type Doing, endJob, type Renting } from './renting.ts'
import { rentMachine } from './rentMachines.ts'
import { returnMachine } from './returnMachines.ts'
import { watchMachine } from './watchMachines.ts'

/** Whether there is anything to do for it. */
export function wantsLaunch(job: Job): boolean {
  const { launch, state } = job
  if (!launch) return false
  if (isEnded(job)) return launch.closedAtMs === undefined || launch.token !== undefined
  if (state === 'active' || state === 'running') return true
  return (state === 'finishing' || state === 'settling') && launch.closedAtMs === undefined
}

/** One step for such a job: when to look again. */
export async function launchJob(renting: Renting, doc: Stored<Job>, signal: AbortSignal): Promise<number | undefined> {
  const { state, launch, stopRequested } = doc.value
  if (!launch) return undefined
  const of = (doing: Doing) => ({ renting, doc, launch, doing, signal })
  if (state !== 'active' && state !== 'running') return returnMachine(of('returning'))
  if (state === 'active' && stopRequested) return endJob(of('renting'), 'It was stopped before it started.')
  return launch.ref === undefined ? rentMachine(of('renting')) : watchMachine({ ...of('watching'), ref: launch.ref })
}
