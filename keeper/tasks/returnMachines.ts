// Gives a rented machine back when its job needs it no more, until nothing is billed; then asks what it cost.
import { errorText, NectoError } from '../../core/errors.ts'
import { isEnded } from '../../core/jobs/job.ts'
import type { Invoice } from '../../core/launch/launcher.ts'
import {
  call,
  changeLaunch,
  forget,
  launcherOf,
  machineOf,
  pauseAfter,
  type RentingOf,
  rentedOf,
  waitMs,
} from './renting.ts'

const INVOICE_WITHIN_MS = 10 * 60_000
const WITHOUT_LAUNCHER_MS = 5 * 60_000

/** A job whose run is over, or that is not to run: when to look again. */
export async function returnMachine(of: RentingOf): Promise<number | undefined> {
  const { renting, doc, launch } = of
  const { clock, log } = renting.keeper.context
  if (launch.askedAtMs === undefined || launch.closedAtMs !== undefined) {
    await close(of)
    return undefined
  }
  const facts = { ref: doc.id, provider: launch.provider, machine: launch.ref }
  const launcher = launcherOf(of)
  if (!launcher) {
    log.error({ msg: 'a machine may still be rented, and there is no launcher to give it back', ...facts })
    return WITHOUT_LAUNCHER_MS
  }
  const pausedMs = waitMs(of)
  if (pausedMs > 0) return pausedMs
  if (launch.stoppedAtMs === undefined) {
    try {
      await call(of, (signal) => launcher.stop(machineOf(doc.value, launch), signal))
    } catch (error) {
      if (of.signal.aborted) throw error
      log.error({ msg: 'machine not given back yet', ...facts, reason: errorText(error) })
      return pauseAfter(error, of)
    }
    await changeLaunch(of, (now) => ({ ...now, stoppedAtMs: clock.now() }))
    return undefined
  }
  const invoice = await invoiceOf(of)
  if (invoice === 'later') return pauseAfter(undefined, of)
  await close(of, invoice)
  return undefined
}

/** Nothing more is to be done; the token goes with the job's end. */
async function close(of: RentingOf, invoice?: Invoice): Promise<void> {
  await changeLaunch(of, ({ token, ...now }) => ({
    ...now,
    ...(!isEnded(of.doc.value) && token !== undefined && { token }),
    ...(invoice && { invoice }),
    closedAtMs: now.closedAtMs ?? of.renting.keeper.context.clock.now(),
  }))
  forget(of)
}

async function invoiceOf(of: RentingOf): Promise<Invoice | undefined | 'later'> {
  const { renting, doc, launch } = of
  const { clock, log } = renting.keeper.context
  const { ref } = launch
  const launcher = launcherOf(of)
  if (ref === undefined || !launcher?.invoice) return undefined
  try {
    return await call(of, async (signal) => launcher.invoice?.(rentedOf(doc.value, { ...launch, ref }), signal))
  } catch (error) {
    if (of.signal.aborted) throw error
    const mayCome = error instanceof NectoError && error.retry !== 'never'
    if (mayCome && clock.now() < (launch.stoppedAtMs ?? 0) + INVOICE_WITHIN_MS) return 'later'
    log.warn({ msg: 'no invoice', ref: doc.id, provider: launch.provider, reason: errorText(error) })
    return undefined
  }
}
