// A container leased at the stand-in Akash, really run from lease to close, and started again when it dies.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock as clock } from '../../../core/clock.ts'
import { plainOffer } from '../../../core/pricing/testOffers.ts'
import { createAkashLauncher } from '../../../core/providers/akash/launch.ts'
import { AKASH_KEY } from './akashConsole.ts'
import { type MachineBed, openMachineBed } from './machineBed.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const WITHIN = { timeout: 60_000, interval: 100 }
const signal = new AbortController().signal
const offer = plainOffer({ id: 'akash:nvidia/h100/80gi/sxm5', provider: 'akash' })
let bed: MachineBed
let world: WorldProviders

beforeAll(async () => {
  bed = await openMachineBed({ clock })
  world = await startProviders({ seed: 'akash', delayMs: [0, 1] })
  world.setPrice('akash/h100/80Gi/SXM5', 1.2)
})
afterAll(async () => {
  await world.stop()
  await bed.stop()
})

async function leases(script: string) {
  const job = await bed.activeJob({ script })
  const launcher = createAkashLauncher({ baseUrl: world.env.AKASH_API_URL ?? '', key: AKASH_KEY, clock })
  const { ref } = await launcher.launch(job.order(offer), signal)
  const container = world.akash.all().find(({ dseq }) => dseq === ref)?.container ?? expect.unreachable('no container')
  const closes = () => launcher.stop({ jobId: job.jobId, offer, ref, askedAtMs: clock.now() }, signal)
  return { ...job, container, closes }
}

test('its job runs once, and it waits to be closed', async () => {
  const lease = await leases('echo begun; exit 7')
  await expect.poll(async () => (await lease.now()).state, WITHIN).toBe('finishing')
  expect((await lease.now()).run).toMatchObject({ exitCode: 7 })
  expect(lease.container.starts()).toBe(1)
  await lease.closes()
  expect(world.akash.open()).toEqual([])
})

test('started again it does not run the job a second time', async () => {
  const lease = await leases('echo begun; exec sleep 600')
  await expect.poll(lease.logText, WITHIN).toBe('begun\n')
  const { boot } = (await lease.now()).launch ?? {}
  lease.container.crash()
  await expect.poll(() => lease.container.starts(), WITHIN).toBe(2)
  await clock.sleep(2_000)
  expect((await lease.now()).launch?.boot).toBe(boot)
  expect(await lease.logText()).toBe('begun\n')
  await lease.closes()
})
