// The script of a rented instance, really run with bash against the machines' interface: from boot to shutdown, each way it ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { applyRouterEvent } from '../../../core/jobs/applyRouterEvent.ts'
import { createMachineDesk } from '../../../core/jobs/createMachineDesk.ts'
import { createRunnerDesk } from '../../../core/jobs/createRunnerDesk.ts'
import { readLog, readOutput } from '../../../core/jobs/jobLog.ts'
import type { DeskAnswer, RunnerJob } from '../../../core/jobs/runnerDesk.ts'
import {
  createTestJobs,
  fundedEvent,
  place,
  refundedEvent,
  startedEvent,
  stopEvent,
  type TestJobs,
} from '../../../core/jobs/testJobs.ts'
import type { Launcher } from '../../../core/launch/launcher.ts'
import { createTestLauncher } from '../../../core/launch/testLauncher.ts'
import { silentLog } from '../../../core/log.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { perJobHour } from '../../../core/money.ts'
import { createProviders, providerModules } from '../../../core/providers/registry.ts'
import { machineUrl } from '../../../keeper/api/createMachineApi.ts'
import { createSellerApi } from '../../../keeper/api/createSellerApi.ts'
import { createNonces } from '../../../keeper/api/nonces.ts'
import { type SellerApiServer, serveSellerApi } from '../../../keeper/api/serveSellerApi.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const clock = systemClock
const WITHIN = { timeout: 60_000, interval: 100 }
let shop: TestJobs
let server: SellerApiServer
let market: WorldProviders
let launcher: Launcher
let offer: Offer
let toldSeconds: number | undefined

beforeAll(async () => {
  shop = await createTestJobs({ clock, launcher: createTestLauncher().launcher })
  market = await startProviders({ seed: 'boot', delayMs: [0, 1] })
  const env = market.env
  launcher = providerModules.find(({ id }) => id === 'aws-spot')?.launcher?.({ clock, env }) ?? expect.unreachable()
  const provider = createProviders({ clock, env, listings: async () => [] }).find(({ id }) => id === 'aws-spot')
  const ask = { gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 3600 }
  const { offers = [] } = (await provider?.offers(ask, new AbortController().signal)) ?? {}
  offer = offers.find(({ id }) => id.endsWith('/p5.4xlarge')) ?? expect.unreachable('no offer')
  const desk = createMachineDesk(shop.context)
  server = await serveSellerApi({
    app: createSellerApi({
      desk: createRunnerDesk(shop.context),
      machines: { ...desk, job: async (token) => withTold(await desk.job(token)) },
      nonces: createNonces(clock),
      clock,
      log: silentLog,
      chainId: place.chainId,
    }),
    port: 0,
  })
})
afterAll(async () => {
  await market.stop()
  await server.stop()
})

/** A minute is the least that can be asked for, and long for a test. */
const withTold = (answer: DeskAnswer<RunnerJob>): DeskAnswer<RunnerJob> =>
  answer.ok && toldSeconds ? { ...answer, value: { ...answer.value, maxSeconds: toldSeconds } } : answer

/** An instance for the job, rented as the keeper does it. */
async function rents(job: Awaited<ReturnType<TestJobs['signed']>>, attempt = 1) {
  const { ref } = await launcher.launch(
    {
      jobId: job.jobId,
      attempt,
      offer,
      gpuCount: 1,
      ceilingUsdPerHour: perJobHour(100_000_000n),
      maxSeconds: job.ask.maxSeconds,
      workload: { command: ['not told to EC2'] },
      machineUrl: machineUrl(server.url, job.launch?.token ?? ''),
    },
    new AbortController().signal,
  )
  return market.machines.all().find(({ id }) => ref.endsWith(id)) ?? expect.unreachable('nothing was rented')
}

/** An active job with this program, on an instance that has just been rented. */
async function boots(options: { script: string; image?: string; secrets?: Record<string, string> }) {
  const { script, image = 'acme/train:1', secrets } = options
  const job = await shop.signed({ workload: { image, command: ['sh', '-c', script] } })
  if (secrets) await shop.context.secrets.insert(job.ref, { env: secrets })
  await applyRouterEvent(shop.context, fundedEvent(job.terms))
  await applyRouterEvent(shop.context, startedEvent(job.jobId, clock.now()))
  const machine = await rents(job)
  const now = () => shop.jobOf(job.ref)
  return {
    job,
    machine,
    now,
    reaches: (state: string) => expect.poll(async () => (await now()).state, WITHIN).toBe(state),
    isOff: () => expect.poll(() => machine.state, WITHIN).toBe('terminated'),
    async logText(): Promise<string> {
      const { blobs } = shop.context
      const chunks = (await now()).run?.logChunks ?? 0
      return new TextDecoder().decode(await readLog({ blobs, jobId: job.jobId, chunks }))
    },
    outputBytes: () => readOutput({ blobs: shop.context.blobs, jobId: job.jobId }),
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
    const unpacked = new Response(
      new Blob([new Uint8Array(await run.outputBytes())]).stream().pipeThrough(new DecompressionStream('gzip')),
    )
    expect(await unpacked.text()).toContain('loss 0.042')
    expect(run.machine.reason?.code).toBe('Client.InstanceInitiatedShutdown')
  })

  test('stops its program when it is told, and says how it ended', async () => {
    const run = await boots({ script: 'echo begun; sleep 600' })
    await run.reaches('running')
    await applyRouterEvent(shop.context, stopEvent(run.job.terms))
    await run.reaches('finishing')
    await run.isOff()
    expect((await run.now()).run?.exitCode).toBe(143)
    expect(await run.logText()).toBe('begun\n')
  })

  test('ends its program at the time that was paid for', async () => {
    toldSeconds = 2
    const run = await boots({ script: 'echo begun; sleep 600' })
    await run.reaches('finishing')
    toldSeconds = undefined
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
    const second = await rents(run.job, 2)
    await expect.poll(() => second.state, WITHIN).toBe('terminated')
    expect((await run.now()).state).toBe('running')
    await applyRouterEvent(shop.context, refundedEvent(run.job.terms))
    await run.isOff()
  })
})
