// Random lives against what must always hold: every deposit ends in one place, ended jobs stay as they are, nothing is oversold.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { depositOf } from '../../core/escrow/metering.ts'
import type { Terms } from '../../core/escrow/terms.ts'
import { abandonJob, chooseMode } from '../../core/jobs/changeOffer.ts'
import { issueTerms } from '../../core/jobs/issueTerms.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { orderJob } from '../../core/jobs/orderJob.ts'
import { otherPayer, payer } from '../../core/jobs/testJobs.ts'
import { listings } from '../../core/supply/listing.ts'
import { setCapacity } from '../../core/supply/submitListing.ts'
import { createJobWorld, type JobWorld, type Life } from './jobWorld.ts'

const GPUS = 2
const SECONDS = 1000
const which = fc.nat({ max: 2 })
const move = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    mode: fc.constantFrom('tracked', 'untracked'),
    gpus: fc.constantFrom(1, 2),
  }),
  // What most people do, in one go, or no random walk would come as far as the money.
  fc.record({
    kind: fc.constant('deal' as const),
    mode: fc.constantFrom('tracked', 'untracked'),
    gpus: fc.constantFrom(1, 2),
    pays: fc.constantFrom('by signature', 'by himself', 'not yet'),
  }),
  fc.record({ kind: fc.constant('mode' as const), which }),
  fc.record({ kind: fc.constant('order' as const), which }),
  fc.record({ kind: fc.constant('terms' as const), which, to: fc.constantFrom(payer, otherPayer) }),
  fc.record({ kind: fc.constant('authorize' as const), which }),
  // By the payer's own transaction, with any terms ever issued.
  fc.record({ kind: fc.constant('fund' as const), terms: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('abandon' as const), which }),
  fc.record({ kind: fc.constant('stop' as const), terms: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('capacity' as const), to: fc.constantFrom('offline' as const, 'available' as const) }),
  fc.record({ kind: fc.constant('work' as const) }),
  fc.record({ kind: fc.constant('restart' as const) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(5, 60, 300, 950, 2_700) }),
  fc.record({ kind: fc.constant('turn' as const) }),
  fc.record({ kind: fc.constant('turn' as const) }),
)
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never

// What became of jobs and deposits in any run: a walk that never gets anywhere proves nothing.
const seen = new Set<string>()

async function run(moves: readonly Move[]): Promise<void> {
  const world = await createJobWorld({ gpuCount: GPUS })
  const issued: Terms[] = []
  const ended = new Map<string, Job['state']>()
  let life = await world.begin()
  let asked = 0

  for (const step of moves) {
    const jobs = (await world.jobs()).toSorted((a, b) => a.askedAtMs - b.askedAtMs)
    const job = 'which' in step ? jobs[step.which] : undefined
    const terms = 'terms' in step ? issued[step.terms] : undefined
    if (step.kind === 'ask' && asked < 3) {
      asked += 1
      world.says(`tg:${asked}`, 'job', askText(step))
    } else if (step.kind === 'deal' && asked < 3) {
      asked += 1
      world.says(`tg:${asked}`, 'job', askText(step))
      await life.turn()
      const newest = (await world.jobs()).find(({ ref }) => !jobs.some((known) => known.ref === ref))
      await buy(world, life, { step, job: newest, issued })
    } else if (step.kind === 'restart') {
      await life.end()
      life = await world.begin()
    } else await act(world, life, { step, job, terms, issued })
    await holds(world, ended)
  }
  // Everything that is open ends by itself: time goes on until no deadline is left, the runner does its part.
  for (let i = 0; i < 60 && !(await isQuiet(world)); i++) {
    await life.turn()
    await life.work()
    await world.clock.tick(120 * SECONDS)
    await holds(world, ended)
  }
  await life.end()
  expect((await world.jobs()).filter((job) => !isEnded(job)).map(({ state }) => state)).toEqual([])
  expect(
    [...world.router.deposits.values()].map(({ status }) => status).filter((s) => s === 'funded' || s === 'active'),
  ).toEqual([])
  expect(world.router.moved.in).toBe(world.router.moved.toSellers + world.router.moved.back)
  const listing = (await world.inner.collection(listings).list())[0]?.value
  expect(listing?.reservations).toEqual({})
  for (const { status } of world.router.deposits.values()) seen.add(`deposit ${status}`)
  for (const { state } of await world.jobs()) seen.add(`job ${state}`)
  // One job, one deposit that was used at most; what the document says is what the chain did.
  for (const job of await world.jobs()) {
    const own = [...world.router.deposits.values()].filter(({ terms }) => terms.ref === job.terms?.ref)
    expect(own.filter(({ status }) => status === 'settled').length).toBeLessThanOrEqual(1)
    expect(job.settled !== undefined && job.refunded !== undefined).toBe(false)
    if (job.settled && job.terms)
      expect(job.settled.paidMicroUsd + job.settled.feeMicroUsd + job.settled.refundedMicroUsd).toBe(
        depositOf(job.terms),
      )
    expect(own.some(({ status }) => status === 'settled')).toBe(job.state === 'settled')
  }
}

const askText = ({ gpus, mode }: { gpus: number; mode: string }) => `h100 x${gpus} 4h ${mode} run python train.py`

/** Orders, asks for terms and pays, as far as each is possible. */
async function buy(
  world: JobWorld,
  life: Life,
  { step, job, issued }: { step: Extract<Move, { kind: 'deal' }>; job: Job | undefined; issued: Terms[] },
): Promise<void> {
  const { context } = life.shop
  const ordered = job && (await orderJob({ context, ref: job.ref }))
  if (!ordered?.ok) return
  const answer = await issueTerms({ context, linkToken: ordered.job.linkToken ?? '', refundTo: payer.address })
  if (!answer.ok) return
  issued.push(answer.terms)
  if (step.pays === 'by himself') world.router.fund(answer.terms, payer.address)
  if (step.pays === 'by signature') await life.shop.pays({ ...answer.job, terms: answer.terms })
}

async function act(
  world: JobWorld,
  life: Life,
  { step, job, terms, issued }: { step: Move; job: Job | undefined; terms: Terms | undefined; issued: Terms[] },
): Promise<void> {
  const { context } = life.shop
  switch (step.kind) {
    case 'turn':
      return life.turn()
    case 'work':
      return life.work()
    case 'wait':
      return world.clock.tick(step.seconds * SECONDS)
    case 'capacity':
      await setCapacity({ listings: context.listings, id: life.shop.listing.id, capacity: step.to })
      return
    case 'fund':
      if (terms) world.router.fund(terms, terms.refundTo)
      return
    case 'stop':
      if (terms) world.router.stop(life.shop.idOf(terms))
      return
  }
  if (!job) return
  const { ref } = job
  if (step.kind === 'mode') await chooseMode({ context, ref, mode: job.mode === 'tracked' ? 'untracked' : 'tracked' })
  if (step.kind === 'order') await orderJob({ context, ref })
  if (step.kind === 'abandon') await abandonJob({ context, ref })
  if (step.kind === 'authorize' && job.terms) await life.shop.pays({ ...job, terms: job.terms })
  if (step.kind === 'terms') {
    const answer = await issueTerms({ context, linkToken: job.linkToken ?? '', refundTo: step.to.address })
    if (answer.ok) issued.push(answer.terms)
  }
}

/** What holds after every single move. */
async function holds(world: JobWorld, ended: Map<string, Job['state']>): Promise<void> {
  for (const job of await world.jobs()) {
    const before = ended.get(job.ref)
    if (before !== undefined) expect({ ref: job.ref, state: job.state }).toEqual({ ref: job.ref, state: before })
    if (isEnded(job)) ended.set(job.ref, job.state)
    if (job.mode === 'untracked') expect([job.user, job.resultKey]).toEqual([undefined, undefined])
  }
  const active = [...world.router.deposits.values()].filter(({ status }) => status === 'active')
  expect(active.reduce((sum, { terms }) => sum + terms.gpuCount, 0)).toBeLessThanOrEqual(GPUS)
  const locked = [...world.router.deposits.values()]
    .filter(({ status }) => status === 'funded' || status === 'active')
    .reduce((sum, { terms }) => sum + depositOf(terms), 0n)
  expect(world.router.moved.in).toBe(locked + world.router.moved.toSellers + world.router.moved.back)
}

async function isQuiet(world: JobWorld): Promise<boolean> {
  return (
    (await world.jobs()).every(isEnded) &&
    [...world.router.deposits.values()].every(({ status }) => status !== 'funded' && status !== 'active')
  )
}

test('CHAIN-01..04: whatever people, the seller and the clock do, and whenever the process starts anew', async () => {
  const lives = fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), run)
  // Always the same lives, known to reach every end; then others, each time anew.
  await fc.assert(lives, { numRuns: 80, seed: 8 })
  for (const end of [
    'job settled',
    'job refunded',
    'job lapsed',
    'job cancelled',
    'deposit settled',
    'deposit refunded',
  ])
    expect(seen).toContain(end)
  await fc.assert(lives, { numRuns: 40 })
})
