// Renting at AWS Spot: one one-time instance per job, never above the signed price, gone when its job is.
import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { ended } from '../../launch/launched.ts'
import type { Launcher, LaunchOrder, Machine, MachineStatus } from '../../launch/launcher.ts'
import type { Offer } from '../../market/offer.ts'
import { formatUsd } from '../../money.ts'
import type { AwsCredentials } from './ec2.ts'
import { type Instance, type LaunchEc2, openLaunchEc2 } from './launchEc2.ts'
import { awsStanding } from './launchRights.ts'
import { spotInvoice } from './spotInvoice.ts'
import { readSpotQuotas } from './spotQuotas.ts'
import { userData } from './userData.ts'

export interface AwsLaunchOptions {
  readonly clock: Clock
  readonly credentials: AwsCredentials
  readonly endpoint: string | undefined
  readonly quotaEndpoint: string | undefined
  /** An image's id, or where AWS keeps the id of the latest: "resolve:ssm:/…". */
  readonly image: string
  /** "region/subnet-…"; in a region without one AWS takes a default subnet. */
  readonly subnets: readonly string[]
  /** Those that offers come from; none = all that the account may use. */
  readonly regions: readonly string[]
  readonly diskGib: number
}

const JOB_TAG = 'necto:job'
// How long EC2 may take until what it made can be seen by all.
const VISIBLE_WITHIN_MS = 5 * 60_000
// The smallest machine with a GPU that every region has.
const SMALL_TYPE = 'g6.xlarge'
const GONE = ['shutting-down', 'terminated']
// The images' driver needs a GPU of 2018 or later, and one of NVIDIA.
const WITHOUT_DRIVER = /^(p2|p3|p3dn|g3|g3s|g4ad)\./

export function createAwsLauncher(options: AwsLaunchOptions): Launcher {
  const { clock, credentials, endpoint, quotaEndpoint, image, subnets, regions, diskGib } = options

  async function inRegion<T>(region: string, signal: AbortSignal, run: (ec2: LaunchEc2) => Promise<T>): Promise<T> {
    const ec2 = await openLaunchEc2({ region, credentials, endpoint, signal })
    try {
      return await run(ec2)
    } finally {
      ec2.close()
    }
  }
  const isNew = ({ askedAtMs }: Machine) => clock.now() - askedAtMs < VISIBLE_WITHIN_MS

  return {
    provider: 'aws-spot',
    priceAssets: ['USD'],

    refuses(offer) {
      const { type } = placeOf(offer)
      if (type === undefined) return 'Necto does not know this machine'
      return WITHOUT_DRIVER.test(type) ? 'the machine image has no driver for this GPU' : undefined
    },

    launch: (order, signal) =>
      inRegion(placeOf(order.offer).region, signal, async (ec2) => {
        const { region, type = '' } = placeOf(order.offer)
        const id = await ec2.run({
          clientToken: clientToken(order),
          type,
          ...whereToTry(order, subnets),
          image,
          diskGib: diskGib || undefined,
          maxUsdPerHour: formatUsd(order.ceilingUsdPerHour),
          userData: userData(order),
          tags: { Name: 'necto', [JOB_TAG]: order.jobId },
        })
        return { ref: `${region}/${id}` }
      }),

    status: (machine, signal) =>
      inRegion(placeOf(machine.offer).region, signal, async (ec2) => {
        const instance = await ec2.byId(idOf(machine.ref))
        if (instance) return statusOf(instance)
        return isNew(machine)
          ? { state: 'starting' }
          : { state: 'ended', cause: 'failed', why: 'AWS knows the machine no more.' }
      }),

    stop: (machine, signal) =>
      inRegion(placeOf(machine.offer).region, signal, async (ec2) => {
        const found = await ec2.byTag(JOB_TAG, machine.jobId)
        const ids = new Set(found.map(({ InstanceId }) => InstanceId))
        if (machine.ref !== undefined) ids.add(idOf(machine.ref))
        const states = ids.size > 0 ? await ec2.terminate([...ids]) : []
        if (states.length > 0 && states.every((state) => GONE.includes(state))) return
        if (states.length === 0 && !isNew(machine)) return
        const text = 'AWS has not confirmed yet that the machine is gone.'
        throw new NectoError('aws-spot.stopping', text, { retry: 'later', details: states.join(', ') })
      }),

    invoice: (machine, signal) =>
      inRegion(placeOf(machine.offer).region, signal, async (ec2) => {
        const instance = await ec2.byId(idOf(machine.ref))
        const { region } = placeOf(machine.offer)
        return instance && spotInvoice({ instance, region, credentials, clock, signal, endpoint })
      }),

    // Rights are the account's, so one region tells for all.
    standing: (signal) => {
      const [region = 'us-east-1'] = regions
      const elsewhere = endpoint !== undefined && quotaEndpoint === undefined
      const readQuotas = async () =>
        elsewhere ? [] : readSpotQuotas({ region, credentials, clock, signal, endpoint: quotaEndpoint })
      const order = {
        clientToken: 'necto-rights',
        type: SMALL_TYPE,
        zone: undefined,
        subnet: subnetsIn(region, subnets)[0],
        image,
        diskGib: diskGib || undefined,
        maxUsdPerHour: '1.00',
        userData: '#!/bin/sh',
        tags: { Name: 'necto' },
      }
      return inRegion(region, signal, (ec2) => awsStanding({ ec2, order, readQuotas }))
    },
  }
}

/** Out of "aws-spot:us-east-1/p5.4xlarge"; the zone is the last of the offer's places. */
function placeOf({ id, region: places }: Offer): { region: string; type?: string; zone: string | undefined } {
  const [, region = 'us-east-1', type] = /^aws-spot:([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(id) ?? []
  return { region, ...(type !== undefined && { type }), zone: places.at(-1) }
}

const idOf = (ref: string): string => ref.slice(ref.indexOf('/') + 1)

/** The same for the same attempt alone: EC2 then answers what it started before. 64 letters, as many as it takes. */
const clientToken = ({ jobId, attempt }: LaunchOrder): string =>
  createHash('sha256').update(`${jobId}:${attempt}`).digest('hex')

/** The offer's zone first, then whichever AWS has: by turns, so that the same attempt is always the same request. */
function whereToTry({ offer, attempt }: LaunchOrder, subnets: readonly string[]) {
  const { region, zone } = placeOf(offer)
  const own = subnetsIn(region, subnets)
  if (own.length > 0) return { subnet: own[(attempt - 1) % own.length], zone: undefined }
  return { subnet: undefined, zone: attempt % 2 === 1 ? zone : undefined }
}

const subnetsIn = (region: string, subnets: readonly string[]): string[] =>
  subnets.flatMap((subnet) => (subnet.startsWith(`${region}/`) ? [subnet.slice(region.length + 1)] : []))

function statusOf({ State, StateReason }: Instance): MachineStatus {
  if (State.Name === 'pending') return { state: 'starting' }
  if (State.Name === 'running') return { state: 'running' }
  const code = StateReason?.Code ?? ''
  if (/^Server\.Spot/.test(code)) return ended('reclaimed', 'AWS took the machine back, as it may at spot prices.')
  if (code.startsWith('Client.')) return ended('exited', 'It was shut down.')
  return ended('failed', `AWS ended the machine${code ? ` (${code})` : ''}.`)
}
