// A job at the stand-in Dispersed, whose image is started as it is: bash runs the script that its variables hold.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock as clock } from '../../../core/clock.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { provider as render } from '../../../core/providers/render/index.ts'
import { createDispersedLauncher } from '../../../core/providers/render/launch.ts'
import { DISPERSED_KEYS } from './dispersedApi.ts'
import { type MachineBed, openMachineBed } from './machineBed.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const WITHIN = { timeout: 60_000, interval: 100 }
const signal = new AbortController().signal
let bed: MachineBed
let world: WorldProviders

beforeAll(async () => {
  bed = await openMachineBed({ clock })
  world = await startProviders({ seed: 'dispersed', delayMs: [0, 1] })
})
afterAll(async () => {
  await world.stop()
  await bed.stop()
})

async function runs(script: string, image = 'acme/train:1') {
  const job = await bed.activeJob({ script, image, secrets: { KEY: 'hush' } })
  const { offers } = await render.create({ clock, env: world.env, listings: async () => [] }).offers(testAsk(), signal)
  const offer = offers.find(({ id }) => id.endsWith('h100-8x-us-east-1')) ?? expect.unreachable('no offer')
  const baseUrl = world.env.DISPERSED_API_URL ?? ''
  const launcher = createDispersedLauncher({ baseUrl, keys: DISPERSED_KEYS, clock, timeoutMs: 20_000 })
  const { ref } = await launcher.launch(job.order(offer), signal)
  const machine = { jobId: job.jobId, offer, ref, askedAtMs: clock.now() }
  const at = () => world.dispersed.all().find(({ uuid }) => uuid === ref) ?? expect.unreachable('no job')
  return {
    ...job,
    at,
    ends: () => expect.poll(() => launcher.status(machine, signal), WITHIN).toMatchObject({ state: 'ended' }),
    stops: () => expect.poll(() => launcher.stop(machine, signal).then(() => 'over', String), WITHIN).toBe('over'),
  }
}

test('its job runs with its secrets, and the container ends with it', async () => {
  const job = await runs(
    'echo "key $KEY"; env | grep -cE "BASH_ENV|NECTO_SCRIPT|NECTO_URL"; echo 0.042 >"$NECTO_OUTPUT/loss"; exit 7',
  )
  await job.ends()
  expect(await job.now()).toMatchObject({ state: 'finishing', run: { exitCode: 7 } })
  expect(await job.logText()).toBe('key hush\n0\n')
  expect(await job.outputText()).toContain('0.042')
  expect(job.at().status).toBe('COMPLETED')
  expect(JSON.stringify(job.at().order)).not.toMatch(/hush|exit 7/)
  await job.stops()
})

test('a program of bash itself is not hooked a second time', async () => {
  const job = await runs('bash -c "echo once"; bash </dev/null')
  await job.ends()
  expect(await job.logText()).toBe('once\n')
})

test('stopped, its program ends with it', async () => {
  const job = await runs('echo begun; exec sleep 600')
  await expect.poll(job.logText, WITHIN).toBe('begun\n')
  await job.stops()
  expect(job.at().status).toBe('CANCELLED')
})

test('an image that does not start with bash runs nothing, and its job stays unstarted', async () => {
  const job = await runs('echo begun', 'acme/no-bash:1')
  await job.ends()
  expect((await job.now()).state).toBe('active')
  expect(await job.logText()).toBe('')
})
