// A container deployed at the stand-in io.net, really run from deploy to destroy, and started again when it dies.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock as clock } from '../../../core/clock.ts'
import { plainOffer } from '../../../core/pricing/testOffers.ts'
import { createIonetLauncher } from '../../../core/providers/ionet/launch.ts'
import { IONET_KEY } from './ionetContainers.ts'
import { type MachineBed, openMachineBed } from './machineBed.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const WITHIN = { timeout: 60_000, interval: 100 }
const signal = new AbortController().signal
const offer = plainOffer({ id: 'ionet:224/2', provider: 'ionet' })
let bed: MachineBed
let world: WorldProviders

beforeAll(async () => {
  bed = await openMachineBed({ clock })
  world = await startProviders({ seed: 'ionet', delayMs: [0, 1] })
  world.ionet.set({ looksToDestroy: 0 })
})
afterAll(async () => {
  await world.stop()
  await bed.stop()
})

async function rents(script: string) {
  const job = await bed.activeJob({ script, secrets: { KEY: 'hush' } })
  const launcher = createIonetLauncher({ baseUrl: world.env.IONET_API_URL ?? '', apiKey: IONET_KEY, clock })
  const { ref } = await launcher.launch(job.order(offer), signal)
  const found = world.ionet.all().find(({ id }) => id === ref) ?? expect.unreachable('nothing was deployed')
  const { container = expect.unreachable('no container') } = found
  const machine = { jobId: job.jobId, offer, ref, askedAtMs: clock.now() }
  return {
    ...job,
    container,
    told: JSON.stringify(found.order),
    seen: () => launcher.status(machine, signal),
    gone: () => expect.poll(() => launcher.stop(machine, signal).then(() => 'gone', String), WITHIN).toBe('gone'),
  }
}

test('its job runs once with its secrets, and it waits to be destroyed', async () => {
  const job = await rents('echo "key $KEY"; echo 0.042 >"$NECTO_OUTPUT/loss"; exit 7')
  await expect.poll(async () => (await job.now()).state, WITHIN).toBe('finishing')
  expect((await job.now()).run).toMatchObject({ exitCode: 7 })
  expect(await job.logText()).toBe('key hush\n')
  expect(await job.outputText()).toContain('0.042')
  expect(job.container.starts()).toBe(1)
  expect(await job.seen()).toEqual({ state: 'running' })
  expect(job.told).not.toMatch(/hush|exit 7/)
  await job.gone()
})

test('started again it does not run the job a second time', async () => {
  const job = await rents('echo begun; exec sleep 600')
  await expect.poll(job.logText, WITHIN).toBe('begun\n')
  const { boot } = (await job.now()).launch ?? {}
  job.container.crash()
  await expect.poll(() => job.container.starts(), WITHIN).toBe(2)
  await clock.sleep(2_000)
  expect((await job.now()).launch?.boot).toBe(boot)
  expect(await job.logText()).toBe('begun\n')
  await job.gone()
})
