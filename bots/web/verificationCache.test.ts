// The verify page's cache: one run for many, a fresh one after its time, and no failure kept.
import { expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { createVerificationCache } from './verificationCache.ts'

const step = { step: 'bytes', ok: true, detail: '9 bytes' }

function open() {
  const clock = createManualClock(0)
  const runs: { ref: string; end: ReturnType<typeof Promise.withResolvers<{ steps: (typeof step)[] }>> }[] = []
  const failures: unknown[] = []
  const verified = createVerificationCache({
    clock,
    verify(ref) {
      const end = Promise.withResolvers<{ steps: (typeof step)[] }>()
      runs.push({ ref, end })
      return end.promise
    },
    onFailure: (_ref, error) => failures.push(error),
  })
  return { clock, runs, failures, verified }
}

test('all who ask meanwhile, and within 30 s, share one run; each job has its own', async () => {
  const { clock, runs, verified } = open()
  const asked = [verified('a'), verified('a'), verified('b')]
  runs[0]?.end.resolve({ steps: [step] })
  runs[1]?.end.resolve({ steps: [] })
  expect(await Promise.all(asked)).toEqual([{ steps: [step] }, { steps: [step] }, { steps: [] }])
  await clock.tick(29_999)
  void verified('a')
  expect(runs).toHaveLength(2)
  await clock.tick(1)
  void verified('a')
  expect(runs.map(({ ref }) => ref)).toEqual(['a', 'b', 'a'])
})

test('what failed is told and tried again by the next', async () => {
  const { runs, failures, verified } = open()
  const first = verified('a')
  runs[0]?.end.reject(new NectoError('zerog.down', 'Storage does not answer.'))
  expect(await first).toEqual({ why: 'Storage does not answer.' })
  void verified('a')
  expect([runs.length, failures.length]).toEqual([2, 1])
})

test('a run that hangs ends for those who wait', async () => {
  const { clock, verified } = open()
  const asked = verified('a')
  await clock.tick(20_000)
  expect(await asked).toEqual({ why: expect.stringContaining('Try again in a minute') })
})
