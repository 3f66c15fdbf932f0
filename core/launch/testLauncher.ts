// For tests: a provider's machines in memory, which outlive the process that rents them; faults come when the test says so.
import type { NectoError } from '../errors.ts'
import type { Invoice, Launcher, LaunchOrder, MachineStatus } from './launcher.ts'

export interface TestMachine {
  readonly ref: string
  readonly order: LaunchOrder
  status: MachineStatus
  /** Nothing is billed any more. */
  isStopped: boolean
}

/** Remembers every machine there ever was. */
export function createTestLauncher(provider = 'rented') {
  const machines = new Map<string, TestMachine>()
  const faults: Partial<Record<'launch' | 'status' | 'stop' | 'invoice', NectoError[]>> = {}
  const calls: string[] = []
  let isAnswerLost = false

  function called(name: keyof typeof faults): void {
    calls.push(name)
    const fault = faults[name]?.shift()
    if (fault) throw fault
  }

  const launcher: Launcher = {
    provider,
    priceAssets: ['USD'],
    needs: 'The image must have a shell.',
    refuses: () => undefined,
    async launch(order) {
      called('launch')
      const key = `${order.jobId} ${order.attempt}`
      const machine = machines.get(key) ?? {
        ref: `machine-${machines.size + 1}`,
        order,
        status: { state: 'running' } as const,
        isStopped: false,
      }
      machines.set(key, machine)
      if (isAnswerLost) throw new Error('socket hang up')
      return { ref: machine.ref }
    },
    async status({ ref }) {
      called('status')
      return find(ref).status
    },
    async stop({ jobId }) {
      called('stop')
      for (const machine of machines.values()) if (machine.order.jobId === jobId) end(machine)
    },
    async invoice(): Promise<Invoice> {
      called('invoice')
      return { amountMicroUsd: 250_000n, basis: 'charged', how: '15 minutes' }
    },
  }

  function find(ref: string): TestMachine {
    const machine = [...machines.values()].find((one) => one.ref === ref)
    if (!machine) throw new Error(`no machine ${ref}`)
    return machine
  }
  function end(machine: TestMachine): void {
    machine.isStopped = true
    machine.status = { state: 'ended', cause: 'exited', why: 'It was stopped.' }
  }

  return {
    launcher,
    calls,
    machines: () => [...machines.values()],
    /** The next calls of this name fail so, one after the other. */
    fail(name: keyof typeof faults, ...errors: NectoError[]): void {
      faults[name] = errors
    },
    /** Launches are done, but nobody hears of it. */
    loseAnswers(isLost: boolean): void {
      isAnswerLost = isLost
    },
    /** The machine with this ref ends by itself. */
    ends(ref: string, cause: 'exited' | 'reclaimed' | 'failed', why: string): void {
      const machine = find(ref)
      end(machine)
      machine.status = { state: 'ended', cause, why }
    },
  }
}
