// Rented machines are given back, whatever becomes of the job or of the keeper, and their bill is kept.
import { beforeEach, describe, expect, test } from 'vitest'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { refundedEvent, settledEvent } from '../../core/jobs/testJobs.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { wantsLaunch } from './launchJobs.ts'
import { later, many, openRenting, type RentingBed, unknown } from './testRenting.ts'

let bed: RentingBed
beforeEach(async () => {
  bed = await openRenting()
})

describe('giving back', () => {
  beforeEach(() => bed.look())
  const runs = async () => {
    await bed.desk.started(bed.job().token, 'a')
    await bed.clock.tick(20_000)
    await bed.desk.heartbeat(bed.job().token)
    await bed.desk.ended(bed.job().token, { exitCode: 0 })
  }

  test('when the program has ended: the machine first, then its bill, which goes into the evidence beside what is paid', async () => {
    await runs()
    await bed.settle()
    expect((await bed.now()).state).toBe('finishing')
    await bed.look()
    await bed.look()
    expect(bed.onlyMachine().isStopped).toBe(true)
    await bed.settle()
    const settling = await bed.now()
    expect(settling).toMatchObject({
      state: 'settling',
      usedSeconds: 20,
      launch: { invoice: { amountMicroUsd: 250_000n } },
    })
    const root = settling.evidence?.root ?? '0x'
    const evidence = new TextDecoder().decode(await getUploaded({ ...bed.shop.context, root }))
    expect(JSON.parse(evidence)).toMatchObject({
      exitCode: 0,
      invoice: { provider: 'rented', usd: '0.250000', basis: 'charged' },
    })
    expect(evidence).not.toContain(bed.job().token)
    expect(evidence).not.toContain('zyzzyva')
  })

  test('a provider that is away holds up the money for half a minute only, and is asked until the machine is back', async () => {
    bed.provider.fail('stop', ...Array.from({ length: 20 }, unknown))
    await runs()
    await bed.looksFor(20_000)
    await bed.settle()
    expect((await bed.now()).state).toBe('finishing')
    await bed.looksFor(20_000)
    await bed.settle()
    expect((await bed.now()).state).toBe('settling')
    await applyRouterEvent(bed.shop.context, settledEvent(bed.job().terms, 20))
    await bed.looksFor(20 * 60_000)
    expect(bed.onlyMachine().isStopped).toBe(true)
    expect(await bed.now()).toMatchObject({ state: 'settled', launch: { closedAtMs: expect.any(Number) } })
  })

  test('a bill that comes late is kept; one that never comes is not waited for longer than ten minutes', async () => {
    bed.provider.fail('invoice', later(), later())
    await runs()
    await bed.looksFor(60_000)
    expect((await bed.now()).launch?.invoice).toBeDefined()
    await bed.takesAnother()
    await bed.look()
    bed.provider.fail('invoice', ...many(later))
    await runs()
    await bed.looksFor(12 * 60_000)
    expect((await bed.now()).launch).toMatchObject({ closedAtMs: expect.any(Number) })
    expect((await bed.now()).launch?.invoice).toBeUndefined()
  })

  test('a job that the chain ended, by whomever, gives its machine back; then its token is gone', async () => {
    await bed.desk.started(bed.job().token, 'a')
    await applyRouterEvent(bed.shop.context, refundedEvent(bed.job().terms))
    await bed.look()
    await bed.look()
    expect(bed.onlyMachine().isStopped).toBe(true)
    expect((await bed.now()).launch).toMatchObject({ closedAtMs: expect.any(Number) })
    expect((await bed.now()).launch?.token).toBeUndefined()
    expect(wantsLaunch(await bed.now())).toBe(false)
    expect(bed.memory().size).toBe(0)
  })

  test('the token stays while the machine may repeat its last call, and goes with the job’s end', async () => {
    await runs()
    await bed.look()
    await bed.look()
    await bed.settle()
    expect((await bed.now()).launch?.token).toBe(bed.job().token)
    await applyRouterEvent(bed.shop.context, settledEvent(bed.job().terms, 20))
    await bed.look()
    expect((await bed.now()).launch?.token).toBeUndefined()
  })

  test('a quote that was never paid keeps no token', async () => {
    const other = await bed.shop.signed()
    await bed.shop.change(other.ref, (value) => ({ ...value, state: 'lapsed' }))
    await bed.look(other.ref)
    expect((await bed.shop.jobOf(other.ref)).launch?.token).toBeUndefined()
    expect(bed.provider.calls).toEqual(['launch'])
  })
})

describe('a life that ends in the middle', () => {
  test('between asking for a machine and writing down its name: the next life learns the name of the same one', async () => {
    await bed.look()
    await bed.shop.change(bed.job().ref, (value) => {
      const { ref: _, launchedAtMs: __, ...launch } = value.launch ?? expect.unreachable()
      return { ...value, launch }
    })
    bed.beginsAnew()
    // It was quick, and runs already.
    await bed.desk.started(bed.job().token, 'a')
    await bed.look()
    expect(bed.onlyMachine().ref).toBe('machine-1')
    expect((await bed.now()).launch?.ref).toBe('machine-1')
  })

  test('the same, and the job ends before its name is known: the machine is found by its job', async () => {
    bed.provider.loseAnswers(true)
    await bed.look()
    await applyRouterEvent(bed.shop.context, refundedEvent(bed.job().terms))
    bed.beginsAnew()
    await bed.look()
    expect(bed.onlyMachine().isStopped).toBe(true)
  })
})
