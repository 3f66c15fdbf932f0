// The script of a rented instance, really run with bash against the machines' interface: from boot to shutdown, each way it ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../../core/clock.ts'
import type { Launcher } from '../../../core/launch/launcher.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { createProviders, providerModules } from '../../../core/providers/registry.ts'
import { type BedJob, type MachineBed, openMachineBed } from './machineBed.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const WITHIN = { timeout: 60_000, interval: 100 }
const signal = new AbortController().signal
let bed: MachineBed
let market: WorldProviders
let launcher: Launcher
let offer: Offer

beforeAll(async () => {
  bed = await openMachineBed({ clock })
  market = await startProviders({ seed: 'boot', delayMs: [0, 1] })
  const env = market.env
  launcher = providerModules.find(({ id }) => id === 'aws-spot')?.launcher?.({ clock, env }) ?? expect.unreachable()
  const provider = createProviders({ clock, env, listings: async () => [] }).find(({ id }) => id === 'aws-spot')
  const ask = { gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 3600 }
  const { offers = [] } = (await provider?.offers(ask, signal)) ?? {}
  offer = offers.find(({ id }) => id.endsWith('/p5.4xlarge')) ?? expect.unreachable('no offer')
})
afterAll(async () => {
  await market.stop()
  await bed.stop()
})

/** An instance for the job, rented as the keeper does it. */
async function rents(job: BedJob, attempt = 1) {
  const { ref } = await launcher.launch(job.order(offer, attempt), signal)
  return market.machines.all().find(({ id }) => ref.endsWith(id)) ?? expect.unreachable('nothing was rented')
}

/** An active job with this program, on an instance that has just been rented. */
async function boots(options: Parameters<MachineBed['activeJob']>[0]) {
  const job = await bed.activeJob(options)
  const machine = await rents(job)
  return {
    ...job,
    machine,
    reaches: (state: string) => expect.poll(async () => (await job.now()).state, WITHIN).toBe(state),
    isOff: () => expect.poll(() => machine.state, WITHIN).toBe('terminated'),
  }
}

describe('an instance', () => {
  test('runs its job with its secrets, hands in log, output and exit code, and is off', async () => {
    const script = 'echo "key $API_KEY"; seq 1 60000; echo "loss 0.042" >"$NECTO_OUTPUT/loss.txt"; exit 7'
    const run = await boots({ script, secrets: { API_KEY: "it's $HOME" } })
    await run.reaches('finishing')
    await run.isOff()
    expect((await run.now()).run).toMatchObject({ exitCode: 7 })
    const log = await run.logText()
    expect(log.startsWith("key it's $HOME\n1\n2\n")).toBe(true)
    expect(log.endsWith('\n60000\n')).toBe(true)
    expect(await run.outputText()).toContain('loss 0.042')
    expect(run.machine.reason?.code).toBe('Client.InstanceInitiatedShutdown')
  })

  test('stops its program when it is told, and says how it ended', async () => {
    const run = await boots({ script: 'echo begun; sleep 600' })
    await run.reaches('running')
    await run.isStopped()
    await run.reaches('finishing')
    await run.isOff()
    expect((await run.now()).run?.exitCode).toBe(143)
    expect(await run.logText()).toBe('begun\n')
  })

  test('ends its program at the time that was paid for', async () => {
    bed.tellSeconds(2)
    const run = await boots({ script: 'echo begun; sleep 600' })
    await run.reaches('finishing')
    bed.tellSeconds(undefined)
    expect((await run.now()).run?.exitCode).toBe(124)
  })

  test('whose image cannot be fetched says so: nothing ran', async () => {
    const run = await boots({ script: 'true', image: 'acme/missing:1' })
    await run.reaches('finishing')
    await run.isOff()
    const job = await run.now()
    expect(job.launch?.why).toContain('could not start the image')
    expect(job.run).toBeUndefined()
  })

  test('that AWS announces to take back hands in what there is', async () => {
    const run = await boots({ script: 'echo half >"$NECTO_OUTPUT/part"; echo begun; sleep 600' })
    await run.reaches('running')
    await expect.poll(() => run.logText(), WITHIN).toBe('begun\n')
    market.machines.reclaim(run.machine, 'announced')
    await run.reaches('finishing')
    await run.isOff()
    const job = await run.now()
    expect(job.launch?.why).toContain('took the machine back')
    expect(job.run?.outputBytes).toBeGreaterThan(0)
  })

  test('of a job that is over, or not its own, runs nothing and is off', async () => {
    const run = await boots({ script: 'sleep 600' })
    await run.reaches('running')
    const second = await rents(run, 2)
    await expect.poll(() => second.state, WITHIN).toBe('terminated')
    expect((await run.now()).state).toBe('running')
    await run.isRefunded()
    await run.isOff()
  })
})
