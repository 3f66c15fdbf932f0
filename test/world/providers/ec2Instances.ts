// EC2's calls about instances: RunInstances with its checks and its idempotency, DescribeInstances, TerminateInstances, and
// the metadata service that an instance asks.
import type { Ec2Region } from './catalog.ts'
import type { Call } from './ec2Api.ts'
import { filtersOf, listOf } from './ec2Form.ts'
import type { Ec2Machine, MachineSpec } from './ec2Machines.ts'
import { ec2DryRun, ec2Error, ec2Reply, type Xml } from './ec2Xml.ts'
import type { Reply } from './standInServer.ts'

const MAX_USER_DATA_BYTES = 16_384

export function runInstances(call: Call): Reply {
  const { form, state, action } = call
  const token = form.get('ClientToken') ?? ''
  if (!/^[\x21-\x7e]{1,64}$/.test(token)) return ec2Error(400, 'InvalidParameterValue', 'ClientToken')
  if (form.get('DryRun') === 'true') {
    const tried = specOf(call)
    return 'status' in tried ? tried : ec2DryRun()
  }
  const request = [...form].map((pair) => pair.join('=')).join('&')
  const earlier = state.machines.tokens.get(token)
  if (earlier && earlier.request !== request) return ec2Error(400, 'IdempotentParameterMismatch', 'Another request.')
  const known = earlier && state.machines.find(earlier.id)
  if (known) return ec2Reply(action, { instancesSet: [instanceXml(known)] })
  const code = state.machines.refusal()
  if (code) return ec2Error(code === 'InternalError' ? 500 : code === 'UnauthorizedOperation' ? 403 : 400, code, code)
  const spec = specOf(call)
  if ('status' in spec) return spec
  const machine = state.machines.launch(spec, state.imdsUrl)
  state.machines.tokens.set(token, { request, id: machine.id })
  return ec2Reply(action, { reservationId: 'r-1', instancesSet: [instanceXml(machine)] })
}

/** What is asked for, or what is wrong with it. */
function specOf({ form, region, state }: Call): MachineSpec | Reply {
  const wrong = (what: string) => ec2Error(400, 'InvalidParameterValue', `Invalid value for ${what}`)
  const type = form.get('InstanceType') ?? ''
  const image = form.get('ImageId') ?? ''
  const spot = (name: string) => form.get(`InstanceMarketOptions.SpotOptions.${name}`)
  const userData = Buffer.from(form.get('UserData') ?? '', 'base64')
  if (form.get('MinCount') !== '1' || form.get('MaxCount') !== '1') return wrong('MinCount')
  if (!/^(ami-[0-9a-f]+|resolve:ssm:\/\S+)$/.test(image)) return ec2Error(400, 'InvalidAMIID.Malformed', image)
  if (userData.length > MAX_USER_DATA_BYTES) return wrong('UserData, which may have 16384 bytes')
  if (form.get('InstanceMarketOptions.MarketType') !== 'spot') return wrong('MarketType')
  if (spot('SpotInstanceType') !== 'one-time' || spot('InstanceInterruptionBehavior') !== 'terminate')
    return wrong('SpotOptions')
  const maxPrice = spot('MaxPrice') ?? ''
  if (!/^\d+\.\d{1,6}$/.test(maxPrice)) return wrong('MaxPrice')
  const [zone, usd] = placed({ form, region, state, type }) ?? []
  if (!zone || usd === undefined) return ec2Error(400, 'Unsupported', `${type} is not offered there.`)
  if (usd > Number(maxPrice)) return ec2Error(400, 'SpotMaxPriceTooLow', `The price is ${usd.toFixed(6)}.`)
  return {
    region: region.region,
    type,
    zone,
    maxUsdPerHour: Number(maxPrice),
    image,
    userData: userData.toString(),
    tags: tagsOf(form),
    shutdownBehavior: form.get('InstanceInitiatedShutdownBehavior') ?? 'stop',
  }
}

/** The asked zone, or the cheapest, with the price there. */
function placed({ form, region, state, type }: Pick<Call, 'form' | 'region' | 'state'> & { type: string }) {
  const [id, name] = [form.get('Placement.AvailabilityZoneId'), form.get('Placement.AvailabilityZone')]
  return region.zones
    .filter((zone) => (id ?? zone.id) === zone.id && (name ?? zone.name) === zone.name)
    .flatMap((zone): [Ec2Region['zones'][number], number][] => {
      const where = { region: region.region, zone: zone.id, type }
      return state.prices
        .ec2Points(where, state.nowMs, state.nowMs)
        .slice(-1)
        .map(({ usd }) => [zone, usd])
    })
    .sort(([, a], [, b]) => a - b)[0]
}

function tagsOf(form: URLSearchParams): Record<string, string> {
  const keys = [...form].filter(([key]) => /^TagSpecification\.1\.Tag\.\d+\.Key$/.test(key))
  return Object.fromEntries(keys.map(([key, name]) => [name, form.get(key.replace(/Key$/, 'Value')) ?? '']))
}

export function describeInstances({ form, region, state, action }: Call): Reply {
  if (form.get('DryRun') === 'true') return ec2DryRun()
  const ids = listOf(form, 'InstanceId')
  const here = state.machines.visible().filter(({ spec }) => spec.region === region.region)
  const unknown = ids.find((id) => !here.some((machine) => machine.id === id))
  if (unknown) return notFound(unknown)
  const filters = filtersOf(form)
  const rows = here
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .filter((machine) => filters.every(({ name, values }) => values.includes(filtered(machine, name) ?? '')))
  return ec2Reply(action, { reservationSet: rows.map((machine) => ({ instancesSet: [instanceXml(machine)] })) })
}

const filtered = ({ spec, state }: Ec2Machine, name: string): string | undefined =>
  name === 'instance-state-name' ? state : spec.tags[name.replace(/^tag:/, '')]

export function terminateInstances({ form, region, state, action }: Call): Reply {
  const ids = listOf(form, 'InstanceId')
  const here = state.machines.visible().filter(({ spec }) => spec.region === region.region)
  const unknown = ids.find((id) => !here.some((machine) => machine.id === id))
  if (unknown) return notFound(unknown)
  if (form.get('DryRun') === 'true') return ec2DryRun()
  const rows = here.filter(({ id }) => ids.includes(id))
  const before = rows.map((machine) => machine.state)
  for (const machine of rows) state.machines.terminate(machine)
  return ec2Reply(action, {
    instancesSet: rows.map(({ id, state: now }, at) => ({
      instanceId: id,
      currentState: { code: CODES[now], name: now },
      previousState: { code: CODES[before[at] ?? now], name: before[at] ?? now },
    })),
  })
}

const notFound = (id: string) => ec2Error(400, 'InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)

const CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopped: 80 }

function instanceXml({ id, spec, state, reason, launchedAtMs }: Ec2Machine): Xml {
  const at = reason && new Date(reason.atMs).toISOString().slice(0, 19).replace('T', ' ')
  return {
    instanceId: id,
    imageId: spec.image.startsWith('ami-') ? spec.image : 'ami-0123456789abcdef0',
    instanceState: { code: CODES[state], name: state },
    reason: at ? `User initiated (${at} GMT)` : '',
    ...(reason && { stateReason: { code: reason.code, message: `${reason.code}: ended` } }),
    instanceType: spec.type,
    launchTime: new Date(launchedAtMs).toISOString(),
    placement: { availabilityZone: spec.zone.name, availabilityZoneId: spec.zone.id, tenancy: 'default' },
    instanceLifecycle: 'spot',
    tagSet: Object.entries(spec.tags).map(([key, value]) => ({ key, value })),
  }
}

/** What http://169.254.169.254 answers on the instance: a session first, then the notice of interruption if there is one. */
export function answerImds(options: { method: string; route: string; machine: Ec2Machine | undefined }): Reply {
  const { method, route, machine } = options
  const plain = (status: number, body: string) => ({ status, headers: { 'content-type': 'text/plain' }, body })
  if (method === 'PUT' && route === 'latest/api/token') return plain(200, 'session')
  if (route !== 'latest/meta-data/spot/instance-action' || !machine?.isAnnounced) return plain(404, 'Not Found')
  return plain(200, JSON.stringify({ action: 'terminate', time: new Date(machine.launchedAtMs).toISOString() }))
}
