// Asking about jobs: who may read which, and what they are told.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { asker, createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { bob, group } from '../chat/testPort.ts'
import { createTestApp, textOf } from './testApp.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const annabel = { ...asker, kind: 'user' } as const
const teamId = `telegram:${group.chatId}`
const inPrivate = { ...group, chatId: '7', isPrivate: true }
const elsewhere = { ...group, chatId: '-200' }
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let events = 0
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
})
const says = async (name: string, text: string, by: typeof bob = annabel, place: typeof group = inPrivate) => {
  await bot.says({ key: `tg:a${++events}`, principal: by, place }, name, text)
  return textOf(bot.sent.at(-1))
}
const forgetSession = async (ref: string) => {
  const session = await shop.context.sessions.get(ref)
  if (session) await shop.context.sessions.remove(session)
}

describe('who may read', () => {
  test.each(['job', 'why', 'verify', 'whynot', 'stop'])(
    'ACCESS-04: /%s answers a stranger as it answers for no job at all',
    async (name) => {
      const { ref } = await shop.signed()
      expect(await says(name, `${ref}${name === 'whynot' ? ' akash' : ''}`)).toContain(ref)
      const unknown = (await says(name, 'ZZZZ-ZZZZ', bob)).replaceAll('ZZZZ-ZZZZ', 'REF')
      expect(unknown).toContain('There is no job REF of yours')
      expect((await says(name, ref, bob)).replaceAll(ref, 'REF')).toBe(unknown)
      expect(await says(name, ref, annabel, group)).toContain('no Tracked job')
    },
  )

  test('MODE-01: a group reads its own Tracked jobs and no others', async () => {
    const tracked = await shop.signed({ teamId })
    expect(await says('job', tracked.ref.toLowerCase(), bob, group)).toContain(`Job ${tracked.ref}`)
    expect(await says('job', tracked.ref, bob, elsewhere)).toContain('no Tracked job')
    const untracked = await shop.signed({ teamId, mode: 'untracked' })
    expect(await says('job', untracked.ref, annabel, group)).toContain('no Tracked job')
    expect(await says('job', untracked.ref)).toContain(`Job ${untracked.ref}`)
    await forgetSession(untracked.ref)
    expect(await says('job', untracked.ref)).toContain('There is no job')
  })
})

test('a job that a rebuild restored is nobody’s: anybody may read it, and nobody may give it up', async () => {
  const { ref } = await shop.signed({ teamId })
  await shop.change(ref, ({ user: _, teamId: __, ...job }) => ({ ...job, restored: true as const }))
  await forgetSession(ref)
  for (const where of [inPrivate, group, elsewhere])
    expect(await says('job', ref, bob, where)).toContain('Restored from')
  expect(await says('why', ref, bob)).toContain(`Why, for ${ref}`)
  expect(await says('stop', ref)).toContain('Only who asked')
  expect(await says('logs', ref)).toContain('no job of yours')
})

describe('/job with a reference', () => {
  test('starts nothing, and shows no button that does something', async () => {
    const job = await shop.scans(await shop.asks())
    expect(await says('job', job.ref)).toContain('Recommended')
    expect(textOf(bot.sent.at(-1))).not.toContain('"token"')
    expect(await shop.context.jobs.list()).toHaveLength(1)
  })

  test('a GPU that is written like a reference is read as a GPU', async () => {
    expect(await says('job', 'h100-80gb')).toContain('Understood')
  })
})

describe('/jobs', () => {
  test('in private one’s own, an Untracked one only while somebody knows whose it is', async () => {
    const tracked = await shop.signed()
    const untracked = await shop.signed({ mode: 'untracked' })
    const list = await says('jobs', '')
    expect(list).toContain(tracked.ref)
    expect(list).toContain(untracked.ref)
    await Promise.all([tracked, untracked].map(({ ref }) => forgetSession(ref)))
    expect(await says('jobs', '')).toContain(tracked.ref)
    expect(await says('jobs', '')).not.toContain(untracked.ref)
    expect(await says('jobs', '', bob)).toContain('You have no jobs here')
  })

  test('BUYER-06: in a group its Tracked ones, newest first, ten a page, with the audit link', async () => {
    const asked = []
    for (let i = 0; i < 12; i++) {
      await clock.tick(1000)
      asked.push((await shop.asks({ teamId })).ref)
    }
    const hidden = await shop.asks({ teamId, mode: 'untracked' })
    const first = await says('jobs', '', bob, group)
    expect(first).toMatch(new RegExp(`${asked[11]}.*${asked[2]}.*2 older.*/jobs 2.*/audit/`))
    expect(first).not.toContain(asked[1])
    expect(first).not.toContain(hidden.ref)
    const second = await says('jobs', '2', bob, group)
    expect(second).toMatch(new RegExp(`${asked[1]}.*${asked[0]}`))
    expect(second).not.toContain(asked[2])
    expect(await says('jobs', '', bob, elsewhere)).toContain('No Tracked job')
  })
})

describe('/why, /whynot, /verify', () => {
  test('AGENT-04, AGENT-05: the decision with its reasons, before it is sealed and after', async () => {
    const job = await shop.scans(await shop.asks())
    const open = await says('why', job.ref)
    expect(open).toMatch(/Recommended.*Berlin Rack.*Would fit|Recommended.*Berlin Rack.*offers seen/)
    expect(open).toContain('Not sealed yet')
    await shop.orders(job)
    const sealed = await says('why', job.ref)
    expect(sealed).toContain('Berlin Rack')
    expect(sealed).toContain(`/verify/${job.ref}`)
  })

  test('AGENT-05: each verdict in words, the same from the kept input and from the record', async () => {
    const job = await shop.scans(await shop.asks())
    const before = await says('whynot', `${job.ref} Akash`)
    expect(before).toContain('would fit but cannot be booked through Necto: no wallet for Akash is set up')
    expect(before).toContain('$2.40')
    const chosen = await says('whynot', `${job.ref} berlin rack`)
    expect(chosen).toContain('it is the one that was taken')
    await shop.orders(job)
    expect((await shop.jobOf(job.ref)).record).toBeDefined()
    expect(await says('whynot', `${job.ref} akash`)).toBe(before)
    expect(await says('whynot', `${job.ref} berlin rack`)).toBe(chosen)
    expect(await says('whynot', `${job.ref} AKASH:provider-7`)).toContain('no wallet for Akash')
    expect(await says('whynot', `${job.ref} nosana`)).toContain('It was absent: ')
    expect(await says('whynot', `${job.ref} akasj`)).toContain('Did you mean akash?')
  })

  test('BUYER-04: the page, the bytes with their root, and the command that needs neither', async () => {
    const job = await shop.scans(await shop.asks())
    expect(await says('verify', job.ref)).toContain('Not sealed yet')
    const root = (await shop.orders(job)).record?.root ?? '?'
    const said = await says('verify', job.ref)
    expect(said).toContain(`/verify/${job.ref}`)
    expect(said).toContain(`/record/${root}`)
    expect(said).toContain(`./necto verify ${root}`)
    // 0G serves nothing before it has it.
    expect(said).not.toContain('/file?root=')
    await shop.change(job.ref, (now) => ({
      ...now,
      recordStored: { txSeq: 4, atMs: shop.context.clock.now() },
    }))
    expect(await says('verify', job.ref)).toContain(`http://127.0.0.1:8081/file?root=${root}`)
  })
})

describe('/stop', () => {
  test('ACCESS-03: whoever asked gives it up before it is paid; a member who may read may not', async () => {
    const job = await shop.signed({ teamId })
    expect(await says('stop', job.ref, bob, group)).toContain('Only who asked')
    expect((await shop.jobOf(job.ref)).state).toBe('signed')
    expect(await says('stop', job.ref, annabel, group)).toContain('No money moved')
    expect((await shop.jobOf(job.ref)).state).toBe('cancelled')
    expect(await shop.reservations()).toEqual({})
    expect(await says('stop', job.ref, annabel, group)).toContain('over already')
  })

  test('once it is being paid nothing changes, and the way to stop it is said', async () => {
    const job = await shop.signed()
    await shop.pays(job)
    const { state } = await shop.jobOf(job.ref)
    expect(state).toBe('paying')
    expect(await says('stop', job.ref)).toContain(
      'only the wallet of the refund address can stop it, on the job’s page',
    )
    expect((await shop.jobOf(job.ref)).state).toBe(state)
  })
})
