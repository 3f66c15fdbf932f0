// Shown the door of the group: what buttons and forms kept in the private chat still do for its team, which is nothing.
import { beforeEach, expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { alice, bob } from '../chat/testPort.ts'
import { textOf } from './testApp.ts'
import { createTestTeam, privateOf } from './testTeam.ts'

const OUT = 'You are not in Acme any more. Nothing was started and no money moved.'
let world: Awaited<ReturnType<typeof createTestTeam>>
let { says, whispers, bot } = {} as typeof world
beforeEach(async () => {
  world = await createTestTeam()
  ;({ says, whispers, bot } = world)
  await says(alice, '/team')
})
const jobs = async () => (await world.shop.context.jobs.list()).map(({ value }) => value)
const presses = (token: string) => bot.presses(world.event(bob, privateOf(bob)), token)

/** A press on the form as it stands now. */
async function fills(label: string) {
  const form = [...bot.messages.values()].findLast(({ view }) => textOf(view).includes('"New job"'))
  const button = form?.view.buttons?.flat().find((one) => one.label.replace(/^[●○✓] /, '').startsWith(label))
  if (!button || !('token' in button)) throw new Error(`no button ${label}`)
  await presses(button.token)
  for (let i = 0; i < 10; i++) await world.clock.tick(1_000)
}

async function privateJob(): Promise<Job> {
  await says(bob, '/team use')
  await whispers(bob, '/job h100 x1 4h run ls')
  const [asked] = await jobs()
  if (!asked) throw new Error('no job')
  return world.shop.scans(asked)
}
const token = (action: string, ref: string) =>
  bot.app.actions.issue({
    action,
    subject: ref,
    data: {},
    allowed: { kind: 'user', platform: 'telegram', userId: bob.userId },
    place: privateOf(bob),
    expiresAtMs: world.clock.now() + 1e6,
  })

test('ACCESS-02: a form begun in the group finds nothing for its team; closing it stays free', async () => {
  await says(bob, '/job')
  for (const label of ['Tracked', 'Next', 'H100', '1', '1h', 'Next', 'Next']) await fills(label)
  world.outside.add(bob.userId)
  await fills('Find the cheapest')
  expect(bot.told.at(-1)).toContain(OUT)
  expect(await jobs()).toEqual([])
  await fills('Cancel')
  expect(bot.told.at(-1)).toContain('Nothing was started')
  expect(await bot.app.formDrafts.list()).toEqual([])
})

test('ACCESS-02: of a job in private neither Pay nor Scan again does anything; giving it up does', async () => {
  const { ref } = await privateJob()
  world.outside.add(bob.userId)
  for (const action of ['job.pay', 'job.rescan', 'job.mode', 'job.pick']) {
    await presses(await token(action, ref))
    expect(bot.told.at(-1)).toContain(OUT)
  }
  expect(await jobs()).toMatchObject([{ ref, state: 'offered', teamId: 'telegram:-100' }])
  await presses(await token('job.cancel', ref))
  expect((await world.shop.jobOf(ref)).state).toBe('cancelled')
})

test('who is in it, or was named by an admin, goes on', async () => {
  const { ref } = await privateJob()
  await presses(await token('job.rescan', ref))
  await says(alice, '/team user', { about: bob })
  world.outside.add(bob.userId)
  await presses(await token('job.rescan', ref))
  expect((await jobs()).map(({ teamId }) => teamId)).toEqual(Array(3).fill('telegram:-100'))
})

test('a suspended team says so, and not that somebody else’s button was pressed', async () => {
  const { ref } = await privateJob()
  const doc = await world.shop.context.teams.get('telegram:-100')
  if (doc) await world.shop.context.teams.put(doc, { ...doc.value, isSuspended: true })
  await presses(await token('job.rescan', ref))
  expect(bot.told.at(-1)).toContain('suspended')
  expect(await jobs()).toHaveLength(1)
})
