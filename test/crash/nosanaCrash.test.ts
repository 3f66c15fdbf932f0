// A job at Nosana whose keeper ends at each call to the provider and begins anew: one deployment at most, and none left running.
import { afterEach, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import type { Launcher } from '../../core/launch/launcher.ts'
import { plainOffer } from '../../core/pricing/testOffers.ts'
import { createNosanaLauncher } from '../../core/providers/nosana/launch.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { openRenting } from '../../keeper/tasks/testRenting.ts'
import { startNosana } from '../world/providers/nosanaApi.ts'
import { NOSANA_KEY, type NosanaFaults } from '../world/providers/nosanaDeployments.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** The process ends before the call, or after it and before its answer could be written down. */
type Crash = { readonly call: 'launch' | 'status' | 'stop'; readonly when: 'before' | 'after' }
const CRASHES: readonly (readonly [string, { crash?: Crash; fault?: NosanaFaults }])[] = [
  ['without a crash', {}],
  ...(['launch', 'status', 'stop'] as const).flatMap((call) =>
    (['before', 'after'] as const).map((when) => [`${when} ${call}`, { crash: { call, when } }] as const),
  ),
  ['create done, its answer lost', { fault: { loseAnswer: 'create' } }],
  ['start done, its answer lost', { fault: { loseAnswer: 'start' } }],
  ['stop done, its answer lost', { fault: { loseAnswer: 'stop' } }],
  ['it takes long to stop', { fault: { stopsAfter: 5 } }],
  ['it fails', { fault: { comesTo: 'ERROR' } }],
]

test.each(CRASHES)('%s', async (_name, { crash, fault }) => {
  const bed = await openRenting()
  const { clock } = bed
  const context = { seed: 't', clock: createManualClock(0), originMs: 0, pinned: () => undefined, delay: () => () => 0 }
  const { deployments, server } = await startNosana(context)
  stops.push(() => server.stop())
  // The privacy drafts come first and are no part of what may fail here.
  const make = () =>
    createNosanaLauncher({ clock, hosts: [server.url], deploymentsUrl: server.url, apiKey: NOSANA_KEY })
  const { offer } = bed.job().launch ?? expect.unreachable('no machine is wanted')
  const { payee: _, ...plain } = plainOffer({ provider: 'nosana' })
  await updateDocument({
    collection: bed.shop.context.jobs,
    id: bed.job().ref,
    change: (job) =>
      job.launch && {
        ...job,
        workload: job.workload && { ...job.workload, value: { image: 'docker.io/acme/train:3', command: ['true'] } },
        launch: { ...job.launch, provider: 'nosana', offer: { ...offer, ...plain, id: 'nosana:nvidia-3060' } },
      },
  })
  let due = crash
  const crashing = (): Launcher => {
    const real = make()
    const around =
      <A extends unknown[], R>(call: Crash['call'], run: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        const now = due?.call === call ? due : undefined
        if (now?.when === 'before') throw dies()
        const result = await run(...given)
        if (now) throw dies()
        return result
      }
    return {
      ...real,
      launch: around('launch', real.launch),
      status: around('status', real.status),
      stop: around('stop', real.stop),
    }
  }
  const dies = () => {
    due = undefined
    return new Error('the process ended')
  }
  deployments.faults.noHost = true
  await make().launch({ ...anyOrder(plain), machineUrl: 'http://127.0.0.1:9/x' }, new AbortController().signal)
  Object.assign(deployments.faults, fault)
  bed.beginsAnew([crashing()])
  for (let step = 0; step < 130; step += 1) {
    const hadCrash = due
    await bed.look().catch(() => undefined)
    if (hadCrash && !due) bed.beginsAnew([crashing()])
    if ((await bed.now()).launch?.closedAtMs !== undefined) break
    await clock.tick(10_000)
  }
  expect((await bed.now()).launch).toMatchObject({ stoppedAtMs: expect.any(Number), closedAtMs: expect.any(Number) })
  const own = deployments.ofJobs().filter(({ body }) => body.name.endsWith(bed.job().jobId))
  expect(own.map(({ status }) => status)).toEqual(['STOPPED'])
  await bed.settle()
  expect(await bed.now()).toMatchObject({ state: 'settling', usedSeconds: 0 })
})

const anyOrder = (offer: Omit<ReturnType<typeof plainOffer>, 'payee'>) => ({
  jobId: `0x${'b2'.repeat(32)}` as const,
  attempt: 1,
  offer: { ...offer, id: 'nosana:nvidia-3060' },
  gpuCount: 1,
  ceilingUsdPerHour: 9_000_000n as never,
  maxSeconds: 60,
  workload: { image: 'a', command: ['true'] },
})
