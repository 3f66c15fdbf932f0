// Jobs on rented machines: what is asked for and how often, and what ends a job whose machine does not do its part.
import { beforeEach, describe, expect, test } from 'vitest'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { stopEvent } from '../../core/jobs/testJobs.ts'
import { wantsLaunch } from './launchJobs.ts'
import { later, many, never, openRenting, type RentingBed, unknown } from './testRenting.ts'

let bed: RentingBed
beforeEach(async () => {
  bed = await openRenting()
})

describe('renting', () => {
  test('asks once, for what was signed and no more, without the secrets', async () => {
    await bed.look()
    expect(bed.onlyMachine().order).toEqual({
      jobId: bed.job().jobId,
      attempt: 1,
      isUnsure: false,
      offer: bed.job().launch?.offer,
      gpuCount: 1,
      ceilingUsdPerHour: bed.job().terms.pricePerHour,
      maxSeconds: 14_400,
      workload: bed.job().workload?.value,
      machineUrl: `https://machines.example/machines/v1/${bed.job().token}`,
    })
    expect(await bed.now()).toMatchObject({ state: 'active', launch: { ref: 'machine-1', attempt: 1 } })
    await bed.look()
    expect(bed.provider.calls).toEqual(['launch', 'status'])
  })

  test('not before the start is final on chain', async () => {
    const waiting = await bed.shop.signed()
    expect(wantsLaunch(waiting)).toBe(false)
  })

  test('nothing to be had: says so, tries the next place, ever later, and takes what comes', async () => {
    bed.provider.fail('launch', later(), later())
    expect(await bed.look()).toBe(2_000)
    expect(await bed.now()).toMatchObject({
      launch: { attempt: 2 },
      trouble: { code: 'no-machine', text: later().message },
    })
    // The document changed, which is no reason to ask again at once.
    expect(await bed.look()).toBe(2_000)
    expect(bed.provider.calls).toEqual(['launch'])
    await bed.clock.tick(2_000)
    expect(await bed.look()).toBe(4_000)
    await bed.clock.tick(4_000)
    await bed.look()
    expect(bed.onlyMachine().order.attempt).toBe(3)
  })

  test('an answer that never came is asked for again under the same number: still one machine', async () => {
    bed.provider.loseAnswers(true)
    await bed.look()
    expect((await bed.now()).launch).toMatchObject({ attempt: 1 })
    expect((await bed.now()).launch?.ref).toBeUndefined()
    bed.provider.loseAnswers(false)
    await bed.clock.tick(2_000)
    await bed.look()
    expect(bed.onlyMachine().order.attempt).toBe(1)
    expect((await bed.now()).launch?.ref).toBe('machine-1')
  })

  test('after a lost answer no failure leads to another attempt while what it started may be hidden, also anew', async () => {
    bed.provider.fail('launch', unknown(), later(), later(), later())
    await bed.look()
    await bed.clock.tick(5_000)
    await bed.look()
    bed.beginsAnew()
    await bed.clock.tick(110_000)
    await bed.look()
    expect(await bed.now()).toMatchObject({ launch: { attempt: 1 } })
    // The two minutes count from the lost answer: from then on its absence from the lists says that there is none.
    await bed.clock.tick(10_000)
    await bed.look()
    expect(await bed.now()).toMatchObject({ launch: { attempt: 2 } })
    await bed.clock.tick(10_000)
    await bed.look()
    expect(bed.onlyMachine().order).toMatchObject({ attempt: 2, isUnsure: false })
    expect((await bed.now()).launch).not.toHaveProperty('unsureSinceMs')
  })

  test('the launcher is told that something may be hidden: after a lost answer, and after a death while it was asked', async () => {
    bed.provider.fail('launch', unknown())
    await bed.look()
    await bed.clock.tick(5_000)
    await bed.look()
    expect(bed.onlyMachine().order).toMatchObject({ attempt: 1, isUnsure: true })

    await bed.takesAnother()
    await bed.diesAsking()
    await bed.clock.tick(5_000)
    await bed.look()
    expect(bed.provider.machines()[1]?.order).toMatchObject({ attempt: 1, isUnsure: true })
  })

  test('what runs without a known name is looked for, and not to be started again', async () => {
    bed.provider.fail('launch', unknown())
    await bed.look()
    await bed.desk.started(bed.job().token, 'a')
    for (let seconds = 0; seconds < 150; seconds += 50) {
      await bed.clock.tick(50_000)
      await bed.desk.heartbeat(bed.job().token)
    }
    await bed.look()
    expect(bed.onlyMachine().order).toMatchObject({ attempt: 1, isUnsure: true })
  })

  test('refused for good: ends at once, nothing is paid, and people are told why', async () => {
    bed.provider.fail('launch', never())
    await bed.look()
    expect(await bed.now()).toMatchObject({ state: 'finishing', launch: { why: never().message } })
    await bed.settle()
    expect(await bed.now()).toMatchObject({ state: 'settling', usedSeconds: 0 })
  })

  test('none within a quarter of an hour: ends, and whatever may have been started is given back', async () => {
    bed.provider.fail('launch', ...many(unknown))
    await bed.looksFor(15 * 60_000 + 10_000)
    expect(await bed.now()).toMatchObject({
      state: 'finishing',
      launch: { why: expect.stringContaining('within 15 minutes') },
    })
    await bed.look()
    expect(bed.provider.calls.at(-1)).toBe('stop')
  })

  test('a launcher that is gone since the payment ends the job', async () => {
    bed.beginsAnew([])
    await bed.look()
    expect(await bed.now()).toMatchObject({ state: 'finishing', launch: { why: expect.any(String) } })
  })

  test('stopped before: rents nothing', async () => {
    await applyRouterEvent(bed.shop.context, stopEvent(bed.job().terms))
    await bed.look()
    expect(await bed.now()).toMatchObject({ state: 'finishing' })
    expect(bed.provider.machines()).toEqual([])
  })
})

describe('watching', () => {
  beforeEach(() => bed.look())

  test('a machine that never starts its program is given back, and nothing is paid', async () => {
    await bed.looksFor(15 * 60_000)
    expect(await bed.now()).toMatchObject({
      state: 'finishing',
      launch: { why: expect.stringMatching(/did not start .* The image must have a shell\./) },
    })
    await bed.look()
    expect(bed.onlyMachine().isStopped).toBe(true)
  })

  test('the time to hear from it begins anew with each life of the keeper', async () => {
    await bed.looksFor(14 * 60_000)
    bed.beginsAnew()
    await bed.looksFor(2 * 60_000)
    expect((await bed.now()).state).toBe('active')
  })

  test('one that fails before it started ends the job with its words', async () => {
    bed.provider.ends('machine-1', 'failed', 'AWS could not boot it.')
    await bed.looksFor(10_000)
    expect(await bed.now()).toMatchObject({ state: 'finishing', launch: { why: 'AWS could not boot it.' } })
  })

  test('one that is taken back while it runs ends the job with what was seen', async () => {
    await bed.desk.started(bed.job().token, 'a')
    await bed.clock.tick(30_000)
    await bed.desk.heartbeat(bed.job().token)
    bed.provider.ends('machine-1', 'reclaimed', 'AWS took the machine back.')
    await bed.looksFor(10_000)
    expect(await bed.now()).toMatchObject({ state: 'finishing', launch: { why: 'AWS took the machine back.' } })
    await bed.look()
    await bed.look()
    await bed.settle()
    expect(await bed.now()).toMatchObject({ usedSeconds: 30 })
  })

  test('one that falls silent ends like a runner that does', async () => {
    await bed.desk.started(bed.job().token, 'a')
    bed.provider.fail('status', ...many(unknown))
    await bed.looksFor(130_000)
    expect((await bed.now()).state).toBe('finishing')
    await bed.look()
    expect(bed.onlyMachine().isStopped).toBe(true)
  })

  test('one that does not stop when told is taken away after a minute', async () => {
    await bed.desk.started(bed.job().token, 'a')
    await applyRouterEvent(bed.shop.context, stopEvent(bed.job().terms))
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await bed.desk.heartbeat(bed.job().token)
      await bed.look()
      expect((await bed.now()).state).toBe('running')
      await bed.clock.tick(10_000)
    }
    await bed.look()
    expect(await bed.now()).toMatchObject({
      state: 'finishing',
      launch: { why: expect.stringContaining('did not stop') },
    })
  })

  test('is asked every ten seconds, however often it says something', async () => {
    await bed.desk.started(bed.job().token, 'a')
    const before = bed.provider.calls.length
    for (let second = 0; second < 30; second++) {
      await bed.desk.heartbeat(bed.job().token)
      await bed.look()
      await bed.clock.tick(1_000)
    }
    expect(bed.provider.calls.length - before).toBe(3)
  })
})
