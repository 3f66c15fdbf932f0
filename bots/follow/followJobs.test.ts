// The follower at a job's end: what is told, what is forgotten, and that a chat which is gone stops neither.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Job, JobMode } from '../../core/jobs/job.ts'
import { createTestJobs, runner, type TestJobs } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { actionTokens } from '../chat/actions.ts'
import type { View } from '../chat/view.ts'
import { openJob } from '../commands/openJob.ts'
import { createTestApp } from '../commands/testApp.ts'
import { createJobFollower } from './followJobs.ts'
import { notices, notifyOnce } from './notice.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const place = { platform: 'telegram', chatId: '5550555055', isPrivate: true, title: '' } as const
const unreachable = () => new NectoError('chat.unreachable', 'blocked')
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let follow: (ref: string) => Promise<number | undefined>

beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
  const work = createJobFollower({ app: bot.app, notices: shop.store.collection(notices) })
  follow = async (ref) => {
    const doc = await shop.context.jobs.get(ref)
    if (!doc) throw new Error('no job')
    return bot.until(work(doc))
  }
})

const run = {
  runner: runner.address,
  acceptedAtMs: 1,
  lastSeenAtMs: 2,
  logChunks: 0,
  logBytes: 0,
  stopRequested: false,
}

/** A job with its message open, and then settled. */
async function settled(mode: JobMode): Promise<Job> {
  const job = await shop.signed({ mode })
  await bot.until(openJob({ app: bot.app, job, place }))
  await follow(job.ref)
  const at = { txHash: `0x${'f1'.repeat(32)}`, atMs: 1 } as const
  const done = await shop.change(job.ref, (now) => ({
    ...now,
    state: 'settled',
    run,
    evidence: { root: `0x${'e1'.repeat(32)}` },
    settled: { ...at, paidMicroUsd: 1n, feeMicroUsd: 0n, refundedMicroUsd: 2n },
  }))
  if (!done) throw new Error('not settled')
  return done.value
}
const sessionOf = async (ref: string) => (await shop.context.sessions.get(ref))?.value
const linksOf = (views: readonly View[]) =>
  views.flatMap((view) => view.buttons?.flat() ?? []).flatMap((button) => ('url' in button ? [button.url] : []))

describe('OUTPUT-01: the end of a job', () => {
  test.each<JobMode>(['tracked', 'untracked'])(
    '%s: the result once, with its key, and the session is gone',
    async (mode) => {
      const { ref } = await settled(mode)
      const key = (await shop.jobOf(ref)).resultKey ?? (await sessionOf(ref))?.resultKey
      await follow(ref)
      await follow(ref)
      expect(linksOf(bot.sent).filter((url) => url.endsWith(`#key=${key?.slice(2)}`))).toHaveLength(1)
      expect(await sessionOf(ref)).toBeUndefined()
    },
  )

  test.each<JobMode>(['tracked', 'untracked'])(
    '%s: forgotten also when the asker has blocked the bot',
    async (mode) => {
      const { ref } = await settled(mode)
      bot.chat.fail(unreachable(), unreachable(), unreachable())
      await follow(ref)
      expect(await sessionOf(ref)).toBeUndefined()
      expect((await shop.store.collection(actionTokens).list({ index: 'subject', key: ref })).length).toBe(
        mode === 'untracked' ? 0 : 2,
      )
    },
  )

  test('a refusal for good by the platform ends it too; an outage does not', async () => {
    const refused = await settled('untracked')
    bot.chat.fail(new NectoError('chat.refused', 'bad text'), new NectoError('chat.refused', 'bad text'))
    await follow(refused.ref)
    expect(await sessionOf(refused.ref)).toBeUndefined()

    const away = await settled('untracked')
    bot.chat.fail(new NectoError('bot.chat.failed', 'down', { retry: 'later' }))
    await follow(away.ref)
    expect(linksOf(bot.sent).some((url) => url.includes(`/job/${away.linkToken}`))).toBe(true)
  })

  test('a message deleted by its reader is posted afresh', async () => {
    const { ref } = await settled('tracked')
    bot.chat.shown.clear()
    const before = bot.sent.length
    await follow(ref)
    expect(bot.sent.length).toBe(before + 2)
  })
})

test('MODE-03: a job whose message never came up is forgotten when it has ended', async () => {
  const job = await shop.scans(await shop.asks({ mode: 'untracked' }))
  expect(await follow(job.ref)).toBe(200)
  await shop.change(job.ref, (now) => transition(now, 'lapse'))
  await clock.tick(11 * 60_000)
  await follow(job.ref)
  expect(await sessionOf(job.ref)).toBeUndefined()
})

describe('a notice', () => {
  const tell = (send: () => Promise<unknown>, lost: string[] = []) =>
    notifyOnce({
      notices: shop.store.collection(notices),
      id: 'K7QF-3M2P:spend',
      nowMs: 1,
      send,
      onUnreachable: (why) => lost.push(why),
    })

  test('is sent once; an outage is tried again, what can never be sent is done', async () => {
    let calls = 0
    const later = new NectoError('bot.chat.failed', 'down', { retry: 'later' })
    await expect(tell(() => Promise.reject(later))).rejects.toBe(later)
    const lost: string[] = []
    await tell(() => Promise.reject(unreachable()), lost)
    expect(lost).toEqual(['blocked'])
    await tell(async () => calls++)
    expect(calls).toBe(0)
  })
})
