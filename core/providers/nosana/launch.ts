// Renting at Nosana: one confidential deployment per job, found again by its name, stopped when its job is over.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { IMAGE_NEEDS } from '../../launch/containerScript.ts'
import { ended, ifKnown, isNew, isUnknown } from '../../launch/launched.ts'
import type { Launcher, MachineStatus } from '../../launch/launcher.ts'
import type { Offer } from '../../market/offer.ts'
import { formatUsd, usdFromNumber } from '../../money.ts'
import { createNosanaApi, type Deployment } from './launchApi.ts'
import { jobDefinition, timeoutMinutes } from './launchDefinition.ts'
import { proveConfidential, requireConfidential } from './launchPrivacy.ts'
import { type MarketRow, marketRows } from './offers.ts'
import { readHosts } from './readHosts.ts'

export interface NosanaLaunchOptions {
  readonly clock: Clock
  /** Asked for markets, in this order. */
  readonly hosts: readonly string[]
  /** Where the deployments are: one place, since asking another again could start a second one. */
  readonly deploymentsUrl: string
  readonly apiKey: string
}

// Nosana leaves a job in the queue of a market until its timeout; Necto does not wait that long.
const HOST_WITHIN_MS = 10 * 60_000
/** Nothing is billed in these: never started, or over. */
const OVER = ['STOPPED', 'COMPLETED', 'ARCHIVED']

export function createNosanaLauncher(options: NosanaLaunchOptions): Launcher {
  const { clock, hosts, deploymentsUrl, apiKey } = options
  const api = createNosanaApi({ baseUrl: deploymentsUrl, apiKey, clock })
  let isPrivate = false

  async function marketOf(offer: Offer, signal: AbortSignal): Promise<{ address: string; microUsdPerHour: bigint }> {
    const read = { hosts, path: '/api/markets/', parse: marketRows, clock, signal, timeoutMs: 10_000 }
    const row = (await readHosts(read)).value.find((one) => one?.slug === slugOf(offer))
    const microUsdPerHour = row && hostPrice(row)
    if (row && microUsdPerHour !== undefined) return { address: row.address, microUsdPerHour }
    throw new NectoError('nosana.market', 'This market of Nosana’s has no price just now.', { retry: 'later' })
  }

  return {
    provider: 'nosana',
    priceAssets: ['USD'],
    needs: IMAGE_NEEDS,
    refuses: (offer) => (slugOf(offer) === undefined ? 'Necto does not know this market' : undefined),

    async launch(order, signal) {
      const name = nameOf(order.jobId)
      // Of two, which only a list that lags could bring about, the first is the job's; stop ends both.
      const found = (await api.byName(name, signal))[0]
      if (found && found.status !== 'DRAFT') return { ref: found.id }
      const { image, command } = order.workload
      if (!image || command.length === 0)
        throw new NectoError('nosana.workload', 'At Nosana a job needs an image and a command: give it with run.')
      const market = await marketOf(order.offer, signal)
      if (market.microUsdPerHour > order.ceilingUsdPerHour)
        throw new NectoError('nosana.price', 'The price at Nosana is above what was signed for just now.', {
          retry: found ? 'unknown' : 'later',
        })
      const minutes = timeoutMinutes(order.maxSeconds)
      // Nosana sets the whole time aside and gives back what is not used.
      const neededUsd = (Number(market.microUsdPerHour) / 1e6) * (minutes / 60)
      const freeUsd = await api.freeCredits(signal)
      if (freeUsd < neededUsd)
        throw new NectoError('nosana.credits', 'Necto’s account at Nosana has not enough credits left.', {
          details: `${freeUsd} of ${neededUsd} USD`,
        })
      if (!isPrivate) {
        await proveConfidential({ api, market: market.address, signal })
        isPrivate = true
      }
      const definition = jobDefinition({ image, machineUrl: order.machineUrl })
      const draft =
        found ?? (await api.create({ name, market: market.address, timeoutMinutes: minutes, definition }, signal))
      requireConfidential(draft)
      try {
        await api.start(draft.id, signal)
      } catch (error) {
        // Nosana says 500 to a start of what has started.
        const now = await api.byId(draft.id, signal).catch(() => undefined)
        if (!now || now.status === 'DRAFT') throw error
      }
      return { ref: draft.id }
    },

    async status(machine, signal) {
      try {
        const waitedMs = clock.now() - machine.askedAtMs
        return statusOf(await api.byId(machine.ref, signal), waitedMs > HOST_WITHIN_MS)
      } catch (error) {
        if (!isUnknown(error) || isNew(machine, clock)) throw error
        return ended('failed', 'Nosana knows the deployment no more.')
      }
    },

    async stop(machine, signal) {
      const found = await api.byName(nameOf(machine.jobId), signal)
      if (machine.ref !== undefined && !found.some(({ id }) => id === machine.ref)) {
        const byRef = await api.byId(machine.ref, signal).catch(ifKnown)
        if (byRef) found.push(byRef)
      }
      // A draft is billed nothing; but a start may still be on its way to a new one.
      const isBilled = ({ status }: Deployment) =>
        !OVER.includes(status) && (status !== 'DRAFT' || isNew(machine, clock))
      const open = found.filter(isBilled)
      // While it is starting Nosana refuses to stop it, and says 500: it is asked again until it does.
      for (const { id, status } of open)
        if (status !== 'STOPPING' && status !== 'DRAFT') await api.stop(id, signal).catch(keepGoing)
      // Without its name it may be one that is not listed yet.
      const isFound = machine.ref !== undefined && found.some(({ id }) => id === machine.ref)
      if (open.length === 0 && (isFound || !isNew(machine, clock))) return
      throw new NectoError('nosana.stopping', 'Nosana has not confirmed yet that the deployment is stopped.', {
        retry: 'later',
        details: open.map(({ id, status }) => `${id} ${status}`).join(', '),
      })
      function keepGoing(error: unknown): void {
        signal.throwIfAborted()
        if (!(error instanceof NectoError) || error.retry === 'never') throw error
      }
    },

    async standing(signal) {
      const usd = await api.freeCredits(signal)
      if (usd > 0) return { mayRent: true, text: `${usd.toFixed(2)} USD of credits at Nosana` }
      return { mayRent: false, text: 'Necto’s account at Nosana has no credits left' }
    },

    /** Nosana does not say what a deployment took: worked out of its jobs' times, billed by the second. */
    async invoice(machine, signal) {
      const { jobs = [] } = await api.byId(machine.ref, signal)
      if (jobs.length === 0) return undefined
      const { microUsdPerHour } = await marketOf(machine.offer, signal)
      let seconds = 0
      for (const { job } of jobs) {
        const { timeStart, timeEnd } = await api.jobTimes(machine.ref, job, signal)
        if (timeStart > 0 && timeEnd >= timeStart) seconds += Math.ceil(timeEnd - timeStart)
      }
      return {
        amountMicroUsd: (microUsdPerHour * BigInt(seconds) + 3599n) / 3600n,
        basis: 'computed',
        how: `${seconds} s at ${formatUsd(microUsdPerHour)} USD an hour, the market's price when it ended`,
      }
    },
  }
}

/** The slug of a market, out of "nosana:nvidia-h100". */
const slugOf = ({ id }: Offer): string | undefined => /^nosana:([a-z0-9-]+)$/.exec(id)?.[1]
/** One per job, whatever the attempt: it is made once, and seen by Necto's account alone. */
const nameOf = (jobId: string): string => `necto-${jobId}`

/** What a host costs with the network's fee, rounded up; undefined where there is no price. */
function hostPrice(row: MarketRow): bigint | undefined {
  const { usd_reward_per_hour: reward, network_fee_percentage: fee } = row
  const usd = typeof reward === 'number' ? usdFromNumber(reward) : undefined
  if (usd === undefined || usd === 0n) return undefined
  const bps = BigInt(Math.ceil(Number((fee * 100).toFixed(6))))
  return (usd * (10_000n + bps) + 9_999n) / 10_000n
}

function statusOf({ status, active_jobs: active }: Deployment, isOverdue: boolean): MachineStatus {
  if (OVER.includes(status)) return ended('exited', 'Its deployment at Nosana has ended.')
  if (status === 'ERROR') return ended('failed', 'Nosana could not run it.')
  if (status === 'INSUFFICIENT_FUNDS') return ended('failed', 'Necto’s account at Nosana has not enough credits left.')
  if (isOverdue && active === 0) return ended('failed', 'No host at Nosana is running it.')
  // A word that Necto does not know ends nothing: time does.
  return active !== undefined && active > 0 ? { state: 'running' } : { state: 'starting' }
}
