// The instances of the stand-in EC2: each really runs its user data with bash in a folder of its own, docker being a shim.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock } from '../../../core/clock.ts'

const SHIMS = path.resolve(import.meta.dirname, 'machine')

/** What RunInstances asked for, as far as an instance shows it. */
export interface MachineSpec {
  readonly region: string
  readonly type: string
  readonly zone: { readonly id: string; readonly name: string }
  readonly maxUsdPerHour: number
  readonly image: string
  readonly userData: string
  readonly tags: Readonly<Record<string, string>>
  readonly shutdownBehavior: string
}

export interface Ec2Machine {
  readonly id: string
  readonly spec: MachineSpec
  readonly launchedAtMs: number
  state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopped'
  /** Why it is gone, and since when. */
  reason?: { readonly code: string; readonly atMs: number }
  /** AWS has announced that it takes it back. */
  isAnnounced: boolean
  process?: ChildProcess
}

export type Ec2Machines = ReturnType<typeof createEc2Machines>

/** None runs before somebody rents it. */
export function createEc2Machines({ clock }: { clock: Clock }) {
  const machines: Ec2Machine[] = []
  const folders: string[] = []
  const refusals: string[] = []
  const denied = new Set<string>()
  const quotas = new Map([
    ['L-3819A6DF', 64],
    ['L-7212CCBC', 96],
    ['L-C4BD4855', 192],
  ])
  const tokens = new Map<string, { readonly request: string; readonly id: string }>()
  let isBooting = true
  let visibleAfterMs = 0

  function boot(machine: Ec2Machine, imdsUrl: string): void {
    machine.state = 'running'
    if (!isBooting) return
    const folder = mkdtempSync(path.join(tmpdir(), 'necto-machine-'))
    folders.push(folder)
    writeFileSync(path.join(folder, 'user-data'), machine.spec.userData)
    const env = { PATH: `${SHIMS}:${process.env.PATH}`, NECTO_IMDS: imdsUrl, NECTO_BEAT_SECONDS: '1', TMPDIR: folder }
    // A group of its own, so that the machine's end is the end of all that runs on it.
    machine.process = spawn('bash', ['user-data'], { cwd: folder, env, stdio: 'ignore', detached: true })
    machine.process.once('exit', () =>
      end(machine, machine.isAnnounced ? 'Server.SpotInstanceTermination' : 'Client.InstanceInitiatedShutdown'),
    )
  }

  function end(machine: Ec2Machine, code: string): void {
    if (machine.reason) return
    machine.reason = { code, atMs: clock.now() }
    const stays = code === 'Client.InstanceInitiatedShutdown' && machine.spec.shutdownBehavior !== 'terminate'
    machine.state = stays ? 'stopped' : 'terminated'
    const { pid } = machine.process ?? {}
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }

  function launch(spec: MachineSpec, imdsUrl: (id: string) => string): Ec2Machine {
    const id = `i-${randomBytes(8).toString('hex')}`
    const machine: Ec2Machine = { id, spec, launchedAtMs: clock.now(), state: 'pending', isAnnounced: false }
    machines.push(machine)
    setTimeout(() => machine.state === 'pending' && boot(machine, imdsUrl(id)), 50)
    return machine
  }

  const find = (id: string) => machines.find((machine) => machine.id === id)

  return {
    /** Every instance there ever was. */
    all: (): readonly Ec2Machine[] => machines,
    /** Those that DescribeInstances shows. */
    visible: () => machines.filter(({ launchedAtMs }) => clock.now() - launchedAtMs >= visibleAfterMs),
    find,
    tokens,
    /** The error code of this RunInstances, if the test wants one. */
    refusal: () => refusals.shift(),
    /** Whether the account lacks the right to this action. */
    isDenied: (action: string) => denied.has(action),
    /** Spot vCPUs by AWS's code of the quota. */
    quotas: quotas as ReadonlyMap<string, number>,
    launch,
    terminate: (machine: Ec2Machine) => end(machine, 'Client.UserInitiatedShutdown'),

    /** What a test does to them. */
    control: {
      /** Those not gone. */
      running: () => machines.filter(({ state }) => state !== 'terminated'),
      all: (): readonly Ec2Machine[] => machines,
      /** The next calls of RunInstances are refused with these codes, one after the other. */
      refuse: (...codes: string[]) => void refusals.push(...codes),
      /** From now on the account may do these actions no more, or all again. */
      deny(...actions: string[]): void {
        denied.clear()
        for (const action of actions) denied.add(action)
      },
      /** From now on the account may have so many vCPUs of each kind. */
      setQuotas(vcpus: number): void {
        for (const code of quotas.keys()) quotas.set(code, vcpus)
      },
      /** AWS announces that it takes the machine back; `now` does so without a word. */
      reclaim(machine: Ec2Machine, how: 'announced' | 'now'): void {
        machine.isAnnounced = true
        if (how === 'now') end(machine, 'Server.SpotInstanceTermination')
      },
      /** From now on instances begin to run but do nothing. */
      setBooting(isOn: boolean): void {
        isBooting = isOn
      },
      /** New instances are shown only after so long. */
      setVisibleAfter(ms: number): void {
        visibleAfterMs = ms
      },
    },

    stop(): void {
      for (const machine of machines) end(machine, 'Client.UserInitiatedShutdown')
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}
