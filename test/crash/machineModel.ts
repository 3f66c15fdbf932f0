// Rented machines that outlive the process which rents them: they run, are taken back or never start, and are counted.
import type { Clock } from '../../core/clock.ts'
import type { MachineDesk } from '../../core/jobs/createMachineDesk.ts'
import type { Launcher } from '../../core/launch/launcher.ts'
import { createTestLauncher, type TestMachine } from '../../core/launch/testLauncher.ts'
import { later, many, never } from '../../keeper/tasks/testRenting.ts'

export type MachineWay = 'runs' | 'runs after two refusals' | 'is taken back' | 'never starts' | 'is refused for good'

const LOG = new TextEncoder().encode('epoch 1\nepoch 2\nloss 0.042\n')
const OUTPUT = new TextEncoder().encode('weights')

export function createMachineModel(options: {
  clock: Clock & { tick(ms: number): Promise<void> }
  way: MachineWay
  runSeconds: number
}) {
  const { clock, way, runSeconds } = options
  const provider = createTestLauncher()
  if (way === 'runs after two refusals') provider.fail('launch', later(), later())
  if (way === 'is refused for good') provider.fail('launch', ...many(never))
  /** How long each has run, by its name: what it knows itself, whatever becomes of the keeper. */
  const over = new Set<string>()
  let mostAtOnce = 0

  const billed = () => provider.machines().filter(({ isStopped }) => !isStopped)
  function count(): void {
    const perJob = new Map<string, number>()
    for (const { order } of billed()) perJob.set(order.jobId, (perJob.get(order.jobId) ?? 0) + 1)
    mostAtOnce = Math.max(mostAtOnce, ...perJob.values())
  }

  async function run(desk: MachineDesk, machine: TestMachine): Promise<void> {
    const token = machine.order.machineUrl.split('/').at(-1) ?? ''
    if (way === 'never starts') return clock.tick(60_000)
    if (!over.has(machine.ref)) {
      if (!(await desk.job(token)).ok) return
      if (!(await desk.started(token, machine.ref)).ok) return
      await clock.tick(runSeconds * 1_000)
      over.add(machine.ref)
    }
    await desk.heartbeat(token)
    if (way === 'is taken back') return provider.ends(machine.ref, 'reclaimed', 'The provider took it back.')
    const nothing = await desk.log(token, { offset: 0, bytes: new Uint8Array() })
    for (let offset = nothing.ok ? nothing.value.nextOffset : LOG.length; offset < LOG.length; ) {
      const sent = await desk.log(token, { offset, bytes: LOG.slice(offset, offset + 10) })
      offset = sent.ok ? sent.value.nextOffset : LOG.length
    }
    await desk.output(token, OUTPUT)
    await desk.ended(token, { exitCode: 0 })
  }

  return {
    launcher: provider.launcher,
    /** The launcher as a process has it that may die at each call. */
    calledBy(call: <T>(act: () => Promise<T>) => Promise<T>): Launcher {
      const { launcher } = provider
      return {
        ...launcher,
        launch: (...given) =>
          call(async () => {
            const launched = await launcher.launch(...given)
            count()
            return launched
          }),
        status: (...given) => call(() => launcher.status(...given)),
        stop: (...given) => call(() => launcher.stop(...given)),
        invoice: (...given) => call(async () => launcher.invoice?.(...given)),
      }
    },
    /** What every machine does by itself that is not given back yet. */
    async work(desk: MachineDesk): Promise<void> {
      for (const machine of billed()) await run(desk, machine)
    },
    /** Ever rented, the most at once for any job, and still billed. */
    counts: () => ({ rented: provider.machines().length, mostAtOnce, billed: billed().length }),
  }
}
