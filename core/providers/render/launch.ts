// Running at Dispersed, the compute side of Render: one BATCH job per job, on no node that costs more than was signed for.
import { createHash } from 'node:crypto'
import { NectoError } from '../../errors.ts'
import { ended, ifKnown, isNew, isUnknown } from '../../launch/launched.ts'
import type { Launcher, LaunchOrder, MachineStatus } from '../../launch/launcher.ts'
import type { Offer } from '../../market/offer.ts'
import { usdFromNumber } from '../../money.ts'
import { bashEnv, DISPERSED_NEEDS, imageAndTag } from './bashStart.ts'
import { type DispersedNode, dispersedNodes, dispersedOfferId, dispersedOffers } from './dispersedOffers.ts'
import { createDispersedApi, type DispersedJob } from './launchApi.ts'
import { readRows } from './readDispersed.ts'
import type { DispersedAccess } from './signedFetch.ts'

/** For handing in what ran; a container that ends is billed no longer. */
const GRACE_MS = 15 * 60_000
/** Nothing is billed in these. */
const OVER = ['COMPLETED', 'FAILED', 'CANCELLED']

export function createDispersedLauncher(access: DispersedAccess): Launcher {
  const { clock } = access
  const api = createDispersedApi(access)

  /** The GPU and the region to ask for. Throws unless every node that may come of it is within the signed price. */
  async function requirePrice(order: LaunchOrder, signal: AbortSignal): Promise<{ gpuUuid: string; region: string }> {
    const rows = await readRows(access, signal)
    const own = nodeOf(order.offer, rows)
    const [gpuUuid] = own?.gpuUuids ?? []
    if (own?.region === undefined || gpuUuid === undefined)
      throw later('capacity', 'Dispersed has no such node free there just now.')
    const ceiling = order.ceilingUsdPerHour
    const isDear = ({ usdPerHour }: DispersedNode) => usdPerHour === undefined || usdPerHour > ceiling
    if (isDear(own)) throw later('price', 'The price at Dispersed is above what was signed for just now.')
    const mayBeGiven = dispersedNodes(rows).filter(
      ({ gpuUuids, gpus, region }) => gpuUuids.includes(gpuUuid) && gpus >= own.gpus && region === own.region,
    )
    if (mayBeGiven.some(isDear))
      throw later('price', 'Dispersed might give the job a node that costs more than was signed for just now.')
    return { gpuUuid, region: own.region }
  }

  return {
    provider: 'render',
    priceAssets: ['USD'],
    needs: DISPERSED_NEEDS,

    refuses(offer, among = []) {
      const kind = kindOf(offer)
      if (!kind) return 'Dispersed does not say what or where this node is'
      const dearer = among.some((other) => {
        const its = kindOf(other)
        return (
          its?.gpu === kind.gpu &&
          its.region === kind.region &&
          its.gpus >= kind.gpus &&
          its.usdPerHour > kind.usdPerHour
        )
      })
      return dearer ? 'Dispersed gives a job any node that is large enough, and one there costs more' : undefined
    },

    async launch(order, signal) {
      const title = titleOf(order.jobId)
      // Of two, which only a list that lags could bring about, the first is the job's; stop ends both.
      const [found] = await api.byTitle(title, signal)
      if (found) return { ref: found.uuid }
      // Dispersed takes a title twice, so the list has to show what there may be.
      if (order.isUnsure) throw later('unsure', 'Dispersed may have the job already.')
      const { image, command } = order.workload
      if (!image || command.length === 0)
        throw new NectoError('render.workload', 'At Dispersed a job needs an image and a command: give it with run.')
      const named = imageAndTag(image)
      const place = await requirePrice(order, signal)
      const body = {
        ...{ title, ...place, ...named, env: bashEnv(order.machineUrl) },
        gpuCount: order.offer.gpusPerNode,
        maxRunMs: order.maxSeconds * 1000 + GRACE_MS,
      }
      return { ref: await api.create(body, signal) }
    },

    async status(machine, signal) {
      try {
        return statusOf(await api.byUuid(machine.ref, signal))
      } catch (error) {
        if (!isUnknown(error)) throw error
        return isNew(machine, clock) ? { state: 'starting' } : ended('failed', 'Dispersed knows the job no more.')
      }
    },

    async stop(machine, signal) {
      const found = await api.byTitle(titleOf(machine.jobId), signal)
      if (machine.ref !== undefined && !found.some(({ uuid }) => uuid === machine.ref)) {
        const byRef = await api.byUuid(machine.ref, signal).catch(ifKnown)
        if (byRef) found.push(byRef)
      }
      const open = found.filter(isOpen)
      for (const { uuid, status } of open) if (status !== 'CANCELLING') await api.cancel(uuid, signal).catch(ifKnown)
      // Without its name it may be one that is not listed yet.
      const isFound = machine.ref !== undefined && found.some(({ uuid }) => uuid === machine.ref)
      if (open.length > 0 || (!isFound && isNew(machine, clock)))
        throw new NectoError('render.stopping', 'Dispersed has not confirmed yet that the job is over.', {
          retry: 'later',
          details: open.map(({ uuid, status }) => `${uuid} ${status}`).join(', '),
        })
    },

    // Dispersed tells no credit; whether it knows the keys is all that asking can find out.
    async standing(signal) {
      await api.byTitle('necto-standing', signal)
      return { mayRent: true, text: 'Dispersed knows the keys' }
    },

    /** Out of Dispersed's ledger, where a node that is larger than asked for shows as well. */
    async invoice(machine, signal) {
      const charged = await api.charged(machine.ref, signal)
      if (charged.length === 0) return undefined
      if (charged.some((amounts) => amounts.length === 0)) throw later('ledger', 'Dispersed has not charged it yet.')
      const amounts = charged.flat().map((usd) => usdFromNumber(usd) ?? 0n)
      const amountMicroUsd = amounts.reduce((sum, amount) => sum + amount, 0n)
      return { amountMicroUsd, basis: 'charged', how: 'the captures in Dispersed’s ledger for its run' }
    },
  }
}

const later = (code: string, text: string) => new NectoError(`render.${code}`, text, { retry: 'later' })

/** What an order at Dispersed can name of an offer, and what the whole node costs. */
function kindOf({ id, gpu, region, gpusPerNode: gpus, price }: Offer) {
  const place = region.at(-1)
  if (!id.startsWith(dispersedOfferId('')) || !gpu || place === undefined) return undefined
  if (price.model !== 'fixed' || price.unit.per !== 'node') return undefined
  return { gpu: gpu.id, region: place, gpus, usdPerHour: price.unit.usdPerHour }
}

/** The node that was offered, or, where offers have got new names, one of the same kind: the cheapest. */
function nodeOf(offer: Offer, rows: readonly unknown[]): DispersedNode | undefined {
  const kind = kindOf(offer)
  const now = dispersedOffers([{ rows, observedAtMs: 0 }]).offers.flatMap((one) => {
    const its = kindOf(one)
    const isSame = its && its.gpu === kind?.gpu && its.region === kind.region && its.gpus === kind.gpus
    return isSame ? { id: one.id, usdPerHour: its.usdPerHour } : []
  })
  now.sort((a, b) => (a.usdPerHour < b.usdPerHour ? -1 : 1))
  const wanted = now.find(({ id }) => id === offer.id) ?? now[0]
  return dispersedNodes(rows).find(({ offerId }) => dispersedOfferId(offerId) === wanted?.id)
}

/** One per job, whatever the attempt. Who sees titles is not documented, so it tells nothing of the job on chain. */
const titleOf = (jobId: string): string =>
  `necto-${createHash('sha256').update(`dispersed:${jobId}`).digest('hex').slice(0, 32)}`

const isOpen = ({ status }: DispersedJob): boolean => !OVER.includes(status)

function statusOf({ status }: DispersedJob): MachineStatus {
  if (status === 'RUNNING') return { state: 'running' }
  if (status === 'COMPLETED') return ended('exited', `Its container at Dispersed ended. ${DISPERSED_NEEDS}`)
  if (status === 'FAILED' || status === 'FAILING') return ended('failed', 'Dispersed could not run the job.')
  if (status === 'CANCELLED' || status === 'CANCELLING')
    return ended('reclaimed', 'Dispersed cancelled the job before it was done.')
  // A word that Necto does not know ends nothing: time does.
  return { state: 'starting' }
}
