// A job on a machine that Necto rents: the process dies at every write and every call to the provider, or hears no answer.
import { describe, expect, test } from 'vitest'
import { depositOf, owedOf } from '../../core/escrow/metering.ts'
import { isLongCampaign, pairsOf } from './campaign.ts'
import { RUN_SECONDS } from './jobWorld.ts'
import type { MachineWay } from './machineModel.ts'
import { type People, pays, play, summary } from './playJobs.ts'

const paysAndStops: People = async (world, life) => {
  world.router.stopStarted()
  await pays(world, life)
}

// What is seen of a run: a death in the middle of it costs a look, and the clock goes on by a second with each.
const AT_MOST_SECONDS = RUN_SECONDS + 5
type Way = readonly [
  name: string,
  rents: MachineWay,
  people: People,
  wanted: { machines: number; used: number; orOneMore?: true },
]
const WAYS: readonly Way[] = [
  ['run to its end', 'runs', pays, { machines: 1, used: RUN_SECONDS }],
  ['no machine at first', 'runs after two refusals', pays, { machines: 1, used: RUN_SECONDS }],
  ['its machine taken back', 'is taken back', pays, { machines: 1, used: RUN_SECONDS }],
  ['its machine never starts', 'never starts', pays, { machines: 1, used: 0 }],
  ['refused for good', 'is refused for good', pays, { machines: 0, used: 0 }],
  // A death between the two events is long enough to rent one, which is given back before it runs anything.
  ['stopped before it had a machine', 'runs', paysAndStops, { machines: 0, used: 0, orOneMore: true }],
]

type Crash = NonNullable<Parameters<typeof play>[0]['crash']>

/** Plays it and holds it against what must be true however often the process died. */
async function ends([, rents, people, wanted]: Way, crash: Crash = {}) {
  const world = await play({ people, mode: 'tracked', rents, crash }).catch((error: unknown) => {
    throw new Error(`${JSON.stringify(crash)}: ${error}`)
  })
  const { money, usedSeconds = -1, ...end } = await summary(world)
  const [job] = await world.jobs()
  const [deposit] = [...world.router.deposits.values()]
  const terms = deposit?.terms ?? expect.unreachable('nothing was paid')
  const machines = world.rented?.counts()
  const rented = wanted.machines + (wanted.orOneMore && machines?.rented === 1 ? 1 : 0)
  const { launch } = job ?? {}
  expect({ crash, ...end, machines, closed: launch?.closedAtMs !== undefined, token: launch?.token }).toEqual({
    crash,
    jobs: 1,
    state: 'settled',
    transactions: ['complete ok', 'fund ok', 'start ok'],
    deposits: ['settled'],
    files: wanted.used > 0 && rents !== 'is taken back' ? FILES : end.files,
    inZeroG: end.files.length,
    reservations: {},
    sessions: 0,
    untrackedTokens: 0,
    plainBlobs: [],
    machines: { rented, mostAtOnce: rented, billed: 0 },
    closed: true,
    token: undefined,
  })
  expect({ crash, usedSeconds }).toEqual({ crash, usedSeconds: expect.toSatisfy((used) => isNear(used, wanted.used)) })
  expect({ crash, ...money }).toEqual({
    crash,
    in: depositOf(terms),
    toSellers: owedOf(terms, usedSeconds),
    back: depositOf(terms) - owedOf(terms, usedSeconds),
  })
  return world
}

const FILES = ['evidence stored', 'log stored', 'output stored', 'record stored']
const isNear = (used: number, wanted: number) =>
  used === wanted || (wanted > 0 && used > wanted && used <= AT_MOST_SECONDS)

describe('a job on a rented machine', () => {
  test.each(WAYS)('%s: one machine at a time, every one given back, one payment', async (...way) => {
    const whole = await ends(way)
    const steps = whole.disk.writes()
    const calls = whole.disk.calls()
    const crashes: Crash[] = calls.map((crashAt) => ({ crashAt, side: 'unanswered' }))
    // What comes before is every job's own way, which test/crash/jobCrash.test.ts walks.
    const paid = (calls[0] ?? steps) - 12
    const first = isLongCampaign ? 1 : paid
    for (let crashAt = first; crashAt <= steps; crashAt++)
      // Both sides of every call; of a write by turns, but in the long campaign.
      for (const side of ['before', 'after'] as const)
        if (isLongCampaign || calls.includes(crashAt) || (crashAt % 2 === 0) === (side === 'before'))
          crashes.push({ crashAt, side })
    if (isLongCampaign) crashes.push(...pairsOf(paid, steps))
    let rented = whole.rented?.counts().rented ?? 0
    for (const crash of crashes) rented += (await ends(way, crash)).rented?.counts().rented ?? 0
    const unanswered = crashes.filter(({ side }) => side === 'unanswered').length
    console.info(
      `${way[0]}: ${crashes.length - unanswered} deaths in ${steps - first + 1} writes and calls, ${unanswered} lost answers: ` +
        `${rented} machines for ${crashes.length + 1} jobs, at most one at once, 0 left, 0 double payments, 0 lost jobs`,
    )
  })
})
