// A job at Akash whose keeper dies at each request to the provider, before it or after, and begins anew: one deployment, closed.
import { afterEach, expect, test } from 'vitest'
import { type Clock, createManualClock } from '../../core/clock.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { stopEvent } from '../../core/jobs/testJobs.ts'
import { plainOffer } from '../../core/pricing/testOffers.ts'
import { createAkashLauncher } from '../../core/providers/akash/launch.ts'
import { openRenting } from '../../keeper/tasks/testRenting.ts'
import { startAkash } from '../world/providers/akashApi.ts'
import { AKASH_KEY, type AkashConsole, createAkashConsole } from '../world/providers/akashConsole.ts'
import { playRenting, takeOffer } from './playRenting.ts'

type When = 'before' | 'after'
const GONE = { status: 503, headers: {}, body: '' }
const LOOK_AT_BIDS_MS = 3_000
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** The stand-in, whose asker is dead from the n-th request on: before it, or after and with the answer unheard. */
function dyingAt(console: AkashConsole, point: { request: number; when: When } | undefined) {
  let asked = 0
  let isDead = false
  const answer: AkashConsole['answer'] = (...given) => {
    if (isDead) return GONE
    asked += 1
    if (asked !== point?.request) return console.answer(...given)
    isDead = true
    return point.when === 'before' ? GONE : (console.answer(...given) ?? GONE)
  }
  return {
    console: { ...console, answer },
    asked: () => asked,
    isDead: () => isDead,
    revive(): void {
      isDead = false
    },
  }
}

/** A job on its way at Akash, at this price for each of its GPUs, until nothing is left to be done. */
async function plays(options: { usd: number; dies?: { request: number; when: When }; isStoppedThen?: boolean }) {
  const bed = await openRenting()
  const console = createAkashConsole({ clock: bed.clock })
  console.control.setStarting(false)
  const provider = dyingAt(console, options.dies)
  const { server } = await startAkash({
    seed: 't',
    clock: createManualClock(0),
    originMs: 0,
    pinned: () => ({ usd: options.usd, atMs: 0 }),
    delay: () => () => 0,
    lcd: new Map(),
    lcdPageSize: 1000,
    console: provider.console,
  })
  stops.push(() => server.stop())
  await takeOffer(bed, plainOffer({ id: 'akash:nvidia/h100/80gi/sxm5', provider: 'akash' }))
  // Waiting for bids takes no time here, but it passes.
  const clock: Clock = {
    now: bed.clock.now,
    sleep: (ms, signal) => (ms === LOOK_AT_BIDS_MS ? bed.clock.tick(ms) : bed.clock.sleep(ms, signal)),
  }
  await playRenting({
    bed,
    provider,
    launcher: () => createAkashLauncher({ baseUrl: server.url, key: AKASH_KEY, clock }),
    looks: 130,
    dies: options.dies !== undefined,
    async onDeath() {
      if (options.isStoppedThen) await applyRouterEvent(bed.shop.context, stopEvent(bed.job().terms))
    },
    // The provider ends the lease once the job has been looked at.
    async onSecondLook() {
      for (const deployment of console.control.open()) console.control.endLease(deployment, 'closed')
    },
  })
  return { bed, asked: provider.asked(), all: console.control.all(), open: console.control.open() }
}

async function isWhole({ bed, all, open }: Awaited<ReturnType<typeof plays>>, leases?: number): Promise<void> {
  const { launch, terms } = await bed.now()
  expect(launch).toMatchObject({ stoppedAtMs: expect.any(Number), closedAtMs: expect.any(Number) })
  expect(all.length).toBeLessThanOrEqual(1)
  expect(open).toEqual([])
  const leased = all.flatMap(({ lease }) => lease ?? [])
  if (leases !== undefined) expect(leased).toHaveLength(leases)
  for (const { amount } of leased) expect(Number(amount) * 600).toBeLessThanOrEqual(Number(terms?.pricePerHour))
  await bed.settle()
  expect(await bed.now()).toMatchObject({ state: 'settling', usedSeconds: 0 })
}

test('dying at any request, before it or after: one deployment, one lease, closed, and a refund', async () => {
  const whole = await plays({ usd: 0.9 })
  await isWhole(whole, 1)
  expect(whole.asked).toBeGreaterThan(8)
  for (let request = 1; request <= whole.asked; request += 1)
    for (const when of ['before', 'after'] as const)
      for (const isStoppedThen of [false, true])
        await isWhole(
          await plays({ usd: 0.9, dies: { request, when }, isStoppedThen }),
          isStoppedThen ? undefined : 1,
        ).catch((error: unknown) => {
          throw new Error(`${when} request ${request}${isStoppedThen ? ', and stopped by its payer' : ''}`, {
            cause: error,
          })
        })
})

test.each([undefined, 2, 4, 6])(
  'nobody at or below the signed price, dying at request %s: no lease, and a refund',
  async (request) => {
    const played = await plays({ usd: 1.01, ...(request && { dies: { request, when: 'after' } }) })
    await isWhole(played, 0)
    expect((await played.bed.now()).launch?.why).toContain('at or below the signed price within 90 seconds')
  },
)
