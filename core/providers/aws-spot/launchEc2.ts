// EC2 over its own SDK, for renting: run, describe and terminate, with what comes back checked and errors as ours.
import type { DescribeInstancesCommandInput, RunInstancesCommandInput } from '@aws-sdk/client-ec2'
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import type { AwsCredentials } from './ec2.ts'
import { launchFault } from './launchFaults.ts'

const instanceRow = z.object({
  InstanceId: z.string(),
  InstanceType: z.string().optional(),
  State: z.object({ Name: z.string() }),
  StateReason: z.object({ Code: z.string().optional(), Message: z.string().optional() }).optional(),
  /** "User initiated (2026-11-28 02:13:41 GMT)" */
  StateTransitionReason: z.string().optional(),
  LaunchTime: z.date().optional(),
  Placement: z
    .object({ AvailabilityZone: z.string().optional(), AvailabilityZoneId: z.string().optional() })
    .optional(),
})
export type Instance = z.output<typeof instanceRow>

export interface RunRequest {
  readonly clientToken: string
  readonly type: string
  /** The zone's id, or its name; undefined = whichever AWS takes. */
  readonly zone: string | undefined
  readonly subnet: string | undefined
  readonly image: string
  /** Of the root volume; undefined = as the image has it. */
  readonly diskGib: number | undefined
  readonly maxUsdPerHour: string
  readonly userData: string
  readonly tags: Readonly<Record<string, string>>
}

/** One region's. Every call throws NectoError as `launchFault` says. */
export interface LaunchEc2 {
  run(request: RunRequest): Promise<string>
  /** By id; undefined when AWS does not know it, which is so for a moment after it was made. */
  byId(id: string): Promise<Instance | undefined>
  /** Those with this tag that are not terminated. */
  byTag(key: string, value: string): Promise<Instance[]>
  /** Whether a call would be let through, by a dry run, which does nothing: EC2's name for its answer. */
  dryRun(call: { run: RunRequest } | 'describe' | 'terminate'): Promise<string>
  /** Their states afterwards; unknown ones are left out. */
  terminate(ids: readonly string[]): Promise<string[]>
  close(): void
}

// By the name in the image: Ubuntu's and the deep learning images' root volume.
const ROOT_DEVICE = '/dev/sda1'
// No instance has it: a dry run asks for rights, and nothing more.
const NO_INSTANCE = 'i-00000000000000000'
const ZONE_ID = /-az\d+$/

export async function openLaunchEc2(options: {
  region: string
  credentials: AwsCredentials
  endpoint: string | undefined
  signal: AbortSignal
}): Promise<LaunchEc2> {
  const { region, credentials, endpoint, signal } = options
  const sdk = await import('@aws-sdk/client-ec2')
  const client = new sdk.EC2Client({ region, credentials, maxAttempts: 2, ...(endpoint ? { endpoint } : {}) })
  const abort = { abortSignal: signal }
  const asked = async <Output>(call: Promise<Output>): Promise<Output> => {
    try {
      return await call
    } catch (cause) {
      signal.throwIfAborted()
      throw launchFault(cause)
    }
  }
  const unknownId = (error: unknown) => error instanceof NectoError && error.details?.startsWith('InvalidInstanceID')
  const describe = async (input: DescribeInstancesCommandInput) => {
    const output = await asked(client.send(new sdk.DescribeInstancesCommand(input), abort))
    return read(z.array(instanceRow), output.Reservations?.flatMap(({ Instances = [] }) => Instances) ?? [])
  }

  return {
    async run(request) {
      const command = new sdk.RunInstancesCommand(runInput(request))
      const output = await asked(client.send(command, abort))
      return read(z.string(), output.Instances?.[0]?.InstanceId)
    },

    byId: (id) =>
      describe({ InstanceIds: [id] }).then(
        ([instance]) => instance,
        (error: unknown) => {
          if (unknownId(error)) return undefined
          throw error
        },
      ),

    byTag(key, value) {
      const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down']
      return describe({
        Filters: [
          { Name: `tag:${key}`, Values: [value] },
          { Name: 'instance-state-name', Values: states },
        ],
      })
    },

    async dryRun(call) {
      const DryRun = true
      const command =
        call === 'describe'
          ? new sdk.DescribeInstancesCommand({ DryRun })
          : call === 'terminate'
            ? new sdk.TerminateInstancesCommand({ DryRun, InstanceIds: [NO_INSTANCE] })
            : new sdk.RunInstancesCommand({ ...runInput(call.run), DryRun })
      try {
        await client.send(command as InstanceType<typeof sdk.RunInstancesCommand>, abort)
      } catch (error) {
        signal.throwIfAborted()
        const fault = launchFault(error)
        if (fault.code === 'aws-spot.unreachable' || fault.code === 'aws-spot.busy') throw fault
        return error instanceof Error ? error.name : ''
      }
      throw new NectoError('aws-spot.reply', 'AWS answered a dry run in a form Necto does not know.', {
        retry: 'unknown',
      })
    },

    async terminate(ids) {
      try {
        const command = new sdk.TerminateInstancesCommand({ InstanceIds: [...ids] })
        const output = await asked(client.send(command, abort))
        return (output.TerminatingInstances ?? []).map(({ CurrentState }) => CurrentState?.Name ?? '')
      } catch (error) {
        if (unknownId(error)) return []
        throw error
      }
    },

    close: () => client.destroy(),
  }
}

function runInput(request: RunRequest): RunInstancesCommandInput {
  const { clientToken, type, zone, subnet, image, diskGib, maxUsdPerHour, userData, tags } = request
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  return {
    ClientToken: clientToken,
    MinCount: 1,
    MaxCount: 1,
    ImageId: image,
    InstanceType: type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    InstanceInitiatedShutdownBehavior: 'terminate',
    InstanceMarketOptions: {
      MarketType: 'spot',
      SpotOptions: {
        MaxPrice: maxUsdPerHour,
        SpotInstanceType: 'one-time',
        InstanceInterruptionBehavior: 'terminate',
      },
    },
    // One hop: the machine itself may read its user data, a container on it may not.
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
    ],
    UserData: Buffer.from(userData).toString('base64'),
    ...(zone && { Placement: ZONE_ID.test(zone) ? { AvailabilityZoneId: zone } : { AvailabilityZone: zone } }),
    ...(subnet && { SubnetId: subnet }),
    ...(diskGib && {
      BlockDeviceMappings: [
        {
          DeviceName: ROOT_DEVICE,
          Ebs: { VolumeSize: diskGib, VolumeType: 'gp3' as const, DeleteOnTermination: true },
        },
      ],
    }),
  }
}

/** A reply of another form may hide a machine that was started. */
function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new NectoError('aws-spot.reply', 'AWS answered in a form Necto does not know.', {
    retry: 'unknown',
    details: parsed.error.message,
  })
}
