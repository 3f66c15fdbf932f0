// Renting at Akash: one deployment per job, leased to the cheapest bid at or below the signed price, closed when its job is.
import type { Clock } from '../../clock.ts'
import { NectoError, type Retry } from '../../errors.ts'
import { IMAGE_NEEDS } from '../../launch/containerScript.ts'
import { ended, isNew } from '../../launch/launched.ts'
import type { Invoice, Launcher, LaunchOrder, Machine, MachineStatus } from '../../launch/launcher.ts'
import { mulDivUp } from '../../money.ts'
import { scaleUp } from '../../pricing/decimal.ts'
import { chooseBid } from './launchBids.ts'
import { type Console, type Deployment, type Listed, openConsole, saysCode } from './launchConsole.ts'
import { ceilingPerBlock, DENOM, kindOf, sdlOf, surchargesOf } from './launchSdl.ts'

const LOOK_MS = 3_000
/** Of one call, which has a minute. */
const CALL_MS = 35_000
/** From when this process first saw the deployment: providers bid within a minute. */
const BIDS_WITHIN_MS = 90_000
const LEASE_WITHIN_MS = 180_000
/** How long nothing is to be booked after the account was found empty. */
const EMPTY_FOR_MS = 600_000
const GRACE_SECONDS = 45 * 60
const LONGEST_LIMIT_HOURS = 48

/** The Console knows a deployment by this alone: it has no key for asking twice. */
export const nameOf = ({ jobId }: Pick<Machine, 'jobId'>): string => `necto ${jobId}`

export function createAkashLauncher(deps: { baseUrl: string; key: string; clock: Clock }): Launcher {
  const { clock } = deps
  const console = openConsole(deps)
  const seenAtMs = new Map<string, number>()
  let emptyUntilMs = 0

  async function create(order: LaunchOrder, signal: AbortSignal): Promise<void> {
    const hours = Math.ceil((order.maxSeconds + GRACE_SECONDS) / 3600)
    const sdl = await sdlOf(order)
    try {
      const runtimeLimitHours = hours <= LONGEST_LIMIT_HOURS ? { runtimeLimitHours: hours } : {}
      await console.create({ sdl, name: nameOf(order), ...runtimeLimitHours }, signal)
      emptyUntilMs = 0
    } catch (error) {
      if (error instanceof NectoError && error.code === 'akash.balance') emptyUntilMs = clock.now() + EMPTY_FOR_MS
      throw error
    }
  }

  /** The one that is the job's. A second, made when an answer was lost, is closed before anything is leased. */
  async function only(order: LaunchOrder, signal: AbortSignal): Promise<Listed | undefined> {
    const open = await console.open(nameOf(order), signal)
    const [first, ...others] = open.toSorted((a, b) => Number(isLeased(b)) - Number(isLeased(a)) || byAge(a, b))
    for (const other of others) await console.close(other.deployment.id.dseq, signal)
    return first
  }

  async function giveUp(of: { dseq: string; retry: Retry; text: string }, signal: AbortSignal): Promise<never> {
    await console.close(of.dseq, signal)
    seenAtMs.delete(of.dseq)
    throw new NectoError('akash.no-lease', of.text, { retry: of.retry })
  }

  /** Leases the deployment if it can be now. */
  async function lease(order: LaunchOrder, listed: Listed, signal: AbortSignal): Promise<boolean> {
    const { dseq } = listed.deployment.id
    const since = seenAtMs.get(dseq) ?? clock.now()
    seenAtMs.set(dseq, since)
    const waitedMs = clock.now() - since
    const bids = await console.bids(dseq, signal)
    const bid = chooseBid(bids, {
      kind: kindOf(order.offer),
      gpuCount: order.gpuCount,
      ceiling: ceilingPerBlock(order.ceilingUsdPerHour),
      leasedTo: listed.leases.find(({ state }) => state === 'active')?.id.provider,
    })
    if (!bid) {
      if (waitedMs < BIDS_WITHIN_MS) return false
      // Whoever has one bids at once: another order would only make the payer wait.
      const text = 'No provider at Akash offered such a machine at or below the signed price within 90 seconds.'
      return giveUp({ dseq, retry: 'never', text }, signal)
    }
    try {
      await console.lease({ ...bid, dseq }, signal)
      seenAtMs.delete(dseq)
      return true
    } catch (error) {
      const text = 'The provider at Akash did not take the job.'
      if (waitedMs >= LEASE_WITHIN_MS) return giveUp({ dseq, retry: 'later', text }, signal)
      // Without a lease another bid may do, with one the same request delivers the job: both are to be asked again.
      if (saysCode(error, 'provider_unreachable') || saysCode(error, 'manifest_not_delivered')) return false
      throw error
    }
  }

  return {
    provider: 'akash',
    priceAssets: ['USD'],
    needs: IMAGE_NEEDS,

    refuses(offer) {
      if (offer.price.model === 'token') return 'Necto pays Akash in dollars, and this bid is in AKT'
      if (!kindOf(offer)) return 'an order at Akash cannot name this GPU'
      return clock.now() < emptyUntilMs ? 'Necto’s account at Akash has not enough money just now' : undefined
    },

    surcharges: surchargesOf,

    async launch(order, signal) {
      const untilMs = clock.now() + CALL_MS
      if (!(await only(order, signal))) await create(order, signal)
      while (clock.now() < untilMs) {
        // Asked for anew each time: whatever this job has by now is in it.
        const listed = await only(order, signal)
        if (listed && (await lease(order, listed, signal))) return { ref: listed.deployment.id.dseq }
        await clock.sleep(LOOK_MS, signal)
      }
      throw new NectoError('akash.waiting', 'Providers at Akash have not bid yet.', { retry: 'unknown' })
    },

    async status(machine, signal) {
      const found = await console.byDseq(machine.ref, signal)
      if (found) return statusOf(found)
      if (isNew(machine, clock)) return { state: 'starting' }
      return ended('failed', 'Akash knows the machine no more.')
    },

    async stop(machine, signal) {
      const { ref } = machine
      const found = await console.open(nameOf(machine), signal)
      const ids = new Set(found.map(({ deployment }) => deployment.id.dseq))
      if (ref !== undefined) ids.add(ref)
      for (const dseq of ids) await console.close(dseq, signal)
      const left = await openOf({ console, machine, ids, signal })
      // Without its name it may be one that is not listed yet.
      const mayCome = ref === undefined && isNew(machine, clock)
      if (left.length === 0 && !mayCome) return
      const text = 'Akash has not confirmed yet that the machine is gone.'
      throw new NectoError('akash.stopping', text, { retry: 'later', details: left.join(', ') })
    },

    // The Console tells no balance; whether it knows the key is all that asking can find out.
    async standing(signal) {
      await console.open('necto-standing', signal)
      return { mayRent: true, text: 'Akash’s Console knows the key' }
    },

    async invoice({ ref }, signal): Promise<Invoice | undefined> {
      const found = await console.byDseq(ref, signal)
      if (!found) return undefined
      if (found.deployment.state !== 'closed')
        throw new NectoError('akash.open', 'The machine has not ended yet.', { retry: 'later' })
      const paid = found.escrow_account.state.transferred.filter(({ denom }) => denom === DENOM)
      const amounts = paid.map(({ amount }) => scaleUp(amount, 18) ?? 0n)
      return {
        amountMicroUsd: mulDivUp(
          amounts.reduce((sum, amount) => sum + amount, 0n),
          1n,
          10n ** 18n,
        ),
        basis: 'charged',
        how: 'what the deployment’s escrow at Akash paid its provider',
      }
    },
  }
}

/** Those of the job that are not closed, by the list and by each one's own word. */
async function openOf(of: { console: Console; machine: Machine; ids: ReadonlySet<string>; signal: AbortSignal }) {
  const { console, machine, ids, signal } = of
  const left = (await console.open(nameOf(machine), signal)).map(({ deployment }) => deployment.id.dseq)
  for (const dseq of ids) {
    const state = (await console.byDseq(dseq, signal))?.deployment.state
    if (state !== undefined && state !== 'closed') left.push(dseq)
  }
  return left
}

const isLeased = ({ leases }: Listed): boolean => leases.some(({ state }) => state === 'active')
const byAge = (a: Listed, b: Listed): number => (BigInt(a.deployment.id.dseq) < BigInt(b.deployment.id.dseq) ? -1 : 1)

function statusOf({ deployment, leases }: Deployment): MachineStatus {
  const active = leases.find(({ state }) => state === 'active')
  if (active && deployment.state === 'active') {
    // Null: the Console cannot reach the provider just now, which says nothing of the job.
    if (!active.status) return { state: 'running' }
    const services = Object.values(active.status.services)
    return { state: services.some((one) => (one.ready_replicas ?? one.available ?? 0) > 0) ? 'running' : 'starting' }
  }
  if (leases.some(({ state }) => state === 'insufficient_funds'))
    return ended('failed', 'Necto’s account at Akash ran out of money while the job ran.')
  return ended('reclaimed', 'The provider at Akash closed the lease before the job was done.')
}
