// Renting at io.net: one container per job, paid ahead by the hour at the signed price, destroyed when its job is over.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { CONTAINER_SCRIPT, containerEnv, IMAGE_NEEDS } from '../../launch/containerScript.ts'
import { ended, ifKnown, isNew, isUnknown } from '../../launch/launched.ts'
import type { Launcher, LaunchOrder, MachineStatus } from '../../launch/launcher.ts'
import type { Offer } from '../../market/offer.ts'
import { SECONDS_PER_HOUR, usdFromNumber } from '../../money.ts'
import { orderOf } from './caas.ts'
import { createIonetApi, type Deployment, isOpen, type Listed } from './launchApi.ts'

export function createIonetLauncher(options: { baseUrl: string; apiKey: string; clock: Clock }): Launcher {
  const { clock } = options
  const api = createIonetApi(options)

  /** Throws unless the whole order costs no more than was signed for, and there is room for it. */
  async function requirePrice(order: LaunchOrder, place: PlaceOf, signal: AbortSignal): Promise<void> {
    const wanted = orderOf(order)
    const { isOfOrder, totalUsd, free } = await api.price({ ...place, order: wanted }, signal)
    const total = usdFromNumber(totalUsd)
    const later = (code: string, text: string) => new NectoError(`ionet.${code}`, text, { retry: 'later' })
    if (!isOfOrder || total === undefined || total === 0n)
      throw later('price', 'io.net gives no price for this container just now.')
    if (total * SECONDS_PER_HOUR > order.ceilingUsdPerHour * BigInt(order.maxSeconds))
      throw later('price', 'The price at io.net is above what was signed for just now.')
    if (free === 0) throw later('capacity', 'io.net has no such container free there just now.')
  }

  return {
    provider: 'ionet',
    priceAssets: ['USD'],
    needs: IMAGE_NEEDS,
    refuses: (offer) =>
      placeOf(offer) ? undefined : 'it is a list price, and io.net gives no firm one for this order',

    async launch(order, signal) {
      const name = nameOf(order)
      // One that runs is the job's, whatever number it was asked for under.
      const [open] = await api.open(namesOf(order.jobId), signal)
      if (open) return { ref: open.id }
      if (order.isUnsure) {
        const before = await api.byName(name, signal)
        if (before) return { ref: before.id }
        throw new NectoError('ionet.unsure', 'io.net may have the container already.', { retry: 'later' })
      }
      const place = placeOf(order.offer)
      const { image, command } = order.workload
      if (!image || command.length === 0)
        throw new NectoError('ionet.workload', 'At io.net a job needs an image and a command: give it with run.')
      if (!place) throw new NectoError('ionet.offer', 'Necto does not know this offer of io.net’s.')
      await requirePrice(order, place, signal)
      const { NECTO_URL, ...env } = containerEnv({ machineUrl: order.machineUrl, isRestarted: true })
      const deployment = {
        ...{ ...place, name, image, env },
        order: orderOf(order),
        entrypoint: ['/bin/sh', '-c', CONTAINER_SCRIPT],
        secretEnv: { NECTO_URL: NECTO_URL ?? '' },
      }
      try {
        return { ref: await api.deploy(deployment, signal) }
      } catch (error) {
        // It was started under this name before, and may have ended since.
        const isRepeated = error instanceof NectoError && error.code === 'ionet.repeated'
        const before = isRepeated ? await api.byName(name, signal) : undefined
        if (!before) throw error
        return { ref: before.id }
      }
    },

    async status(machine, signal) {
      try {
        return statusOf(await api.byId(machine.ref, signal))
      } catch (error) {
        if (!isUnknown(error)) throw error
        return isNew(machine, clock) ? { state: 'starting' } : ended('failed', 'io.net knows the container no more.')
      }
    },

    async stop(machine, signal) {
      const { ref } = machine
      const known = ref === undefined ? undefined : await api.byId(ref, signal).catch(ifKnown)
      const listed: Pick<Listed, 'id' | 'status'>[] = await api.open(namesOf(machine.jobId), signal)
      const open = listed.filter(({ id }) => id !== ref)
      if (known && isOpen(known)) open.push(known)
      for (const { id, status } of open)
        if (status !== 'termination requested') await api.destroy(id, signal).catch(ifKnown)
      // Without its name it may be one that is not listed yet.
      if (open.length === 0 && (known || !isNew(machine, clock))) return
      throw new NectoError('ionet.stopping', 'io.net has not confirmed yet that the container is gone.', {
        retry: 'later',
        details: open.map(({ id, status }) => `${id} ${status}`).join(', '),
      })
    },

    // io.net tells no balance; whether it knows the key is all that asking can find out.
    async standing(signal) {
      await api.open('necto-standing', signal)
      return { mayRent: true, text: 'io.net knows the key of its containers' }
    },

    /** io.net's own figure when it is over: what was paid ahead, less what it gave back. */
    async invoice(machine, signal) {
      const deployment = await api.byId(machine.ref, signal)
      if (isOpen(deployment))
        throw new NectoError('ionet.running', 'The container has not ended yet.', { retry: 'later' })
      const { amount_paid: paid, compute_minutes_served: minutes } = deployment
      const amountMicroUsd = typeof paid === 'number' ? usdFromNumber(paid) : undefined
      if (amountMicroUsd === undefined) return undefined
      const served = typeof minutes === 'number' ? ` that served ${minutes} minutes` : ''
      return { amountMicroUsd, basis: 'charged', how: `what io.net says was paid for a container${served}` }
    },
  }
}

interface PlaceOf {
  readonly hardwareId: number
  readonly placeId: number
}
/** Out of "ionet:224/2": a firm price is of one hardware in one place. */
function placeOf({ id }: Offer): PlaceOf | undefined {
  const [, hardware, place] = /^ionet:(\d+)\/(\d+)$/.exec(id) ?? []
  return hardware && place ? { hardwareId: Number(hardware), placeId: Number(place) } : undefined
}

/** io.net refuses a name that it had before, so it tells attempts apart. Half of the job's id is enough. */
const namesOf = (jobId: string): string => `necto-${jobId.slice(2, 34)}-`
const nameOf = ({ jobId, attempt }: LaunchOrder): string => `${namesOf(jobId)}${attempt}`

function statusOf({ status }: Deployment): MachineStatus {
  if (status === 'running') return { state: 'running' }
  if (status === 'completed') return ended('exited', 'The hours paid ahead at io.net are over.')
  if (status === 'failed') return ended('failed', 'io.net could not run the container.')
  if (status === 'destroyed' || status === 'termination requested')
    return ended('reclaimed', 'io.net took the container away before the job was done.')
  // A word that Necto does not know ends nothing: time does.
  return { state: 'starting' }
}
