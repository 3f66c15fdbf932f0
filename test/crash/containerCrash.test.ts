// A job at io.net or Dispersed whose keeper dies at each request to it, before it or after, and begins anew: rented once, given back.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import type { Clock } from '../../core/clock.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { stopEvent } from '../../core/jobs/testJobs.ts'
import type { Launcher } from '../../core/launch/launcher.ts'
import type { Offer } from '../../core/market/offer.ts'
import { perNodeHour } from '../../core/money.ts'
import { plainOffer } from '../../core/pricing/testOffers.ts'
import { createIonetLauncher } from '../../core/providers/ionet/launch.ts'
import { createDispersedLauncher } from '../../core/providers/render/launch.ts'
import { openRenting } from '../../keeper/tasks/testRenting.ts'
import { DISPERSED_KEYS } from '../world/providers/dispersedApi.ts'
import { IONET_KEY } from '../world/providers/ionetContainers.ts'
import { startProviders, type WorldProviders } from '../world/providers/startProviders.ts'
import { playRenting, takeOffer } from './playRenting.ts'

interface Death {
  readonly request: number
  readonly when: 'before' | 'after'
}
interface Case {
  readonly offer: Offer
  /** Its price, below the dollar that the test's job was signed for. */
  cheapens(world: WorldProviders): void
  launcher(baseUrl: string, clock: Clock): Launcher
  url(world: WorldProviders): string | undefined
  /** What each that was ever rented has come to. */
  states(world: WorldProviders): string[]
}
const node = { model: 'fixed', unit: { per: 'node', usdPerHour: perNodeHour(350_000n), gpus: 1 } } as const
const CASES: Readonly<Record<'ionet' | 'render', Case>> = {
  ionet: {
    offer: plainOffer({ id: 'ionet:224/2', provider: 'ionet' }),
    cheapens: (world) => world.setPrice('ionet/H100 80GB HBM3', 0.5),
    launcher: (baseUrl, clock) => createIonetLauncher({ baseUrl, apiKey: IONET_KEY, clock }),
    url: (world) => world.env.IONET_API_URL,
    states: (world) => world.ionet.all().map(({ status }) => status),
  },
  render: {
    offer: plainOffer({
      ...{ id: 'render:dispersed/rtx-4090-1x-us-west-2', provider: 'render', gpusPerNode: 1, price: node },
      gpu: { id: 'rtx4090-24gb-pcie', family: 'rtx4090', memoryGib: 24, interface: 'pcie' },
      region: ['na', 'us', 'us-west-2'],
    }),
    cheapens: () => undefined,
    launcher: (baseUrl, clock) => createDispersedLauncher({ baseUrl, keys: DISPERSED_KEYS, clock, timeoutMs: 20_000 }),
    url: (world) => world.env.DISPERSED_API_URL,
    states: (world) => world.dispersed.all().map(({ status }) => status),
  },
}

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** Between the keeper and the provider: dead from the n-th request on, before it or after and with the answer unheard. */
async function startDying(target: string, death: Death | undefined) {
  let asked = 0
  let isDead = false
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    if (isDead) return response.destroy()
    asked += 1
    isDead = asked === death?.request
    if (isDead && death?.when === 'before') return response.destroy()
    const { method = 'GET', url, headers } = request
    const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...rest } = headers
    const sent = { method, headers: rest as Record<string, string>, ...(body.length > 0 && { body }) }
    const reply = await fetch(`${target}${url}`, sent)
    const text = await reply.text()
    if (isDead) return response.destroy()
    return response.writeHead(reply.status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    isDead: () => isDead,
    revive(): void {
      isDead = false
    },
  }
}

/** Rented, seen twice, stopped by its payer and given back, whatever dies on the way. */
async function plays(of: Case, death?: Death) {
  const bed = await openRenting()
  const { clock } = bed
  const world = await startProviders({ seed: 'crash', clock, delayMs: [0, 0] })
  stops.push(() => world.stop())
  of.cheapens(world)
  world.ionet.set({ isStarting: false })
  world.dispersed.set({ isStarting: false })
  const provider = await startDying(of.url(world) ?? '', death)
  const { terms } = bed.job()
  await takeOffer(bed, of.offer)
  await playRenting({
    bed,
    provider,
    launcher: () => of.launcher(provider.url, clock),
    looks: 60,
    dies: death !== undefined,
    onSecondLook: () => applyRouterEvent(bed.shop.context, stopEvent(terms)),
  })
  return { bed, asked: provider.asked(), states: of.states(world) }
}

test.each(['ionet', 'render'] as const)('%s: dying at any request, before it or after', async (name) => {
  const over = name === 'ionet' ? 'destroyed' : 'CANCELLED'
  async function isWhole({ bed, states }: Awaited<ReturnType<typeof plays>>): Promise<void> {
    expect(states).toEqual([over])
    expect((await bed.now()).launch).toMatchObject({ stoppedAtMs: expect.any(Number), closedAtMs: expect.any(Number) })
    await bed.settle()
    expect(await bed.now()).toMatchObject({ state: 'settling', usedSeconds: 0 })
  }
  const whole = await plays(CASES[name])
  await isWhole(whole)
  expect(whole.asked).toBeGreaterThan(6)
  for (let request = 1; request <= whole.asked; request += 1)
    for (const when of ['before', 'after'] as const) {
      const played = await plays(CASES[name], { request, when })
      await isWhole(played).catch((cause: unknown) => {
        throw new Error(`${when} request ${request}`, { cause })
      })
    }
})
