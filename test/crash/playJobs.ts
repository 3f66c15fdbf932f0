// Plays jobs from the ask to their end, with deaths of the process anywhere on the way, and sums up what came of them.
import { actionTokens } from '../../bots/chat/actions.ts'
import { isEnded, type JobMode } from '../../core/jobs/job.ts'
import { sessions } from '../../core/jobs/session.ts'
import { uploads } from '../../core/jobs/upload.ts'
import { listings } from '../../core/supply/listing.ts'
import { Crash } from './crashingStore.ts'
import { createJobWorld, type JobWorld, type JobWorldOptions, type Life } from './jobWorld.ts'
import type { MachineWay } from './machineModel.ts'

/** What people do in one turn; done again in the next life if it was cut off. */
export type People = (world: JobWorld, life: Life) => Promise<void>

const MAX_TURNS = 60
export const SIDES = ['before', 'after'] as const

/** Plays until all jobs are over and nothing is written any more. */
export async function play(options: {
  people: People
  mode: JobMode
  /** How many ask at once, each for one GPU. */
  jobs?: number
  crash?: Pick<JobWorldOptions, 'crashAt' | 'againAt' | 'side'>
  rents?: MachineWay
}) {
  const { people, mode, jobs: count = 1, crash, rents } = options
  const world = await createJobWorld({ ...crash, gpuCount: count, ...(rents && { rents }) })
  for (let i = 0; i < count; i++)
    world.says(`tg:${1001 + 100 * i}`, 'job', `h100 x1 4h ${mode} run python zyzzyva-model.py --dataset xylophone`)
  let life = await begins(world)
  let quietTurns = 0
  for (let turn = 0; quietTurns < 2; turn++) {
    if (turn > MAX_TURNS) throw new Error(`stuck: ${JSON.stringify((await world.jobs()).map(({ state }) => state))}`)
    const before = world.disk.writes()
    try {
      await life.turn()
      await people(world, life)
      await life.work()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      await life.end()
      life = await begins(world)
      continue
    }
    await world.clock.tick(1_000)
    const jobs = await world.jobs()
    const isOver = jobs.length === count && jobs.every(isEnded)
    quietTurns = isOver && world.disk.writes() === before ? quietTurns + 1 : 0
  }
  await life.end()
  return world
}

/** Presses Pay, and again where nothing came of it for ten seconds: a press that the process died over twice is given up. */
export const pays: People = async (world, life) => {
  const [job] = await world.jobs()
  if (job?.state === 'offered') world.presses(`tg:${Math.floor(world.clock.now() / 10_000)}`, 'Pay')
  if (job?.state === 'ordered' || job?.state === 'signed') await life.shop.pays(await life.shop.signs(job))
}

/** A process may die while it starts, too. */
async function begins(world: JobWorld): Promise<Life> {
  for (;;) {
    try {
      return await world.begin()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
}

export async function summary(world: JobWorld) {
  const { inner, router } = world
  const [job] = await world.jobs()
  const files = (await inner.collection(uploads).list()).map((doc) => doc.value)
  const [listing] = await inner.collection(listings).list()
  return {
    jobs: (await world.jobs()).length,
    state: job?.state,
    usedSeconds: job?.usedSeconds,
    // Every effect once, each with its one transaction.
    transactions: world.ran.map(({ id, error }) => `${id.split(':')[1]} ${error ?? 'ok'}`).toSorted(),
    deposits: [...router.deposits.values()].map(({ status }) => status).toSorted(),
    money: { ...router.moved },
    files: files.map(({ kind, state }) => `${kind} ${state}`).toSorted(),
    inZeroG: world.puts.size,
    reservations: listing?.value.reservations,
    sessions: (await inner.collection(sessions).list()).length,
    untrackedTokens: job?.mode === 'untracked' ? (await inner.collection(actionTokens).list()).length : 0,
    plainBlobs: world.disk.blobNames().filter((name) => !name.startsWith('objects/')),
  }
}
