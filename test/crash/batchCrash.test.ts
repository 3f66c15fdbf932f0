// Several jobs that end at once are settled in one transaction; the process dies at every single write of that.
import { expect, test } from 'vitest'
import { owedOf } from '../../core/escrow/metering.ts'
import { refKey } from '../../core/escrow/terms.ts'
import { issueTerms } from '../../core/jobs/issueTerms.ts'
import { orderJob } from '../../core/jobs/orderJob.ts'
import { payer } from '../../core/jobs/testJobs.ts'
import { RUN_SECONDS } from './jobWorld.ts'
import { type People, play, SIDES, summary } from './playJobs.ts'

const JOBS = 3

/** Orders every job and pays it by himself, since the relay sends one after the other. */
const paysAll: People = async (world, { shop }) => {
  const paid = new Set([...world.router.deposits.values()].map(({ terms }) => terms.ref))
  for (const { ref } of await world.jobs()) {
    if (paid.has(refKey(ref))) continue
    await orderJob({ context: shop.context, ref })
    const { linkToken = '' } = await shop.jobOf(ref)
    const issued = await issueTerms({ context: shop.context, linkToken, refundTo: payer.address })
    if (issued.ok) world.router.fund(issued.terms, payer.address)
  }
}

test('CHAIN-03, CHAIN-04: whichever write is the last, each job is settled once and no settlement is tried in vain', async () => {
  // What comes before is each job's own way, which test/crash/jobCrash.test.ts walks.
  let firstWrite = 0
  const watching: People = async (world, life) => {
    await paysAll(world, life)
    if (firstWrite === 0 && (await world.jobs()).every(({ state }) => state === 'active'))
      firstWrite = world.disk.writes()
  }
  const whole = await play({ people: watching, mode: 'tracked', jobs: JOBS })
  expect(whole.ran.map(({ id }) => id).filter((id) => id.endsWith(':complete'))).toEqual([
    expect.stringMatching(/^batch-0x[0-9a-f]{64}:complete$/),
  ])
  const { money, deposits } = await summary(whole)
  expect(deposits).toEqual(Array(JOBS).fill('settled'))
  const owed = [...whole.router.deposits.values()].map(({ terms }) => owedOf(terms, RUN_SECONDS))
  expect(money.toSellers).toBe(owed.reduce((sum, one) => sum + one, 0n))

  const writes = whole.disk.writes()
  expect(firstWrite).toBeGreaterThan(0)
  let crashes = 0
  const shapes = new Set<string>()
  for (let crashAt = firstWrite; crashAt <= writes; crashAt++) {
    for (const side of SIDES) {
      const world = await play({ people: paysAll, mode: 'tracked', jobs: JOBS, crash: { crashAt, side } })
      crashes += 1
      const end = await summary(world)
      expect({ crashAt, side, ...end }).toMatchObject({ crashAt, side, money, deposits, jobs: JOBS, plainBlobs: [] })
      // One that the contract refused would have been sent twice.
      expect(world.ran.filter(({ error }) => error !== undefined)).toEqual([])
      shapes.add(
        world.ran
          .map(({ id }) => id)
          .filter((id) => id.endsWith(':complete'))
          .map((id) => (id.startsWith('batch-') ? 'batch' : 'single'))
          .toSorted()
          .join('+'),
      )
    }
  }
  // A death while they end splits them up, but they are never more than the jobs.
  expect(shapes.has('batch')).toBe(true)
  console.info(
    `${crashes} deaths in ${writes - firstWrite + 1} writes of ${JOBS} jobs: 0 double payments, 0 lost jobs (${[...shapes].join(', ')})`,
  )
})
