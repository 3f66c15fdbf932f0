// Coming into a group and being taken out of it.
import { beforeEach, expect, test } from 'vitest'
import { NectoError } from '../../core/errors.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { textOf } from '../commands/testApp.ts'
import { createTestTeam } from '../commands/testTeam.ts'
import { followMembership } from './followMembership.ts'
import { notices } from './notice.ts'

let world: Awaited<ReturnType<typeof createTestTeam>>
beforeEach(async () => {
  world = await createTestTeam()
})
const told = (isIn: boolean) => {
  const { bot, shop } = world
  const docs = shop.store.collection(notices)
  return bot.until(followMembership({ app: bot.app, notices: docs, change: { place: group, isIn } }))
}

test('a group is greeted once, with who becomes admin and a line that works; nothing is made of it yet', async () => {
  for (let i = 0; i < 3; i++) await told(true)
  expect(world.bot.sent).toHaveLength(1)
  expect(textOf(world.bot.sent[0])).toMatch(/\/job h100.*first admin/)
  expect(await world.shop.context.teams.list()).toEqual([])
  await told(false)
  expect(await world.shop.context.teams.list()).toEqual([])
})

test('a group that may not be written to is no fault', async () => {
  world.bot.chat.fail(new NectoError('chat.unreachable', 'restricted'))
  await told(true)
  expect(world.bot.sent).toEqual([])
})

test('taken out and brought back: silent, and suspended until an admin says otherwise', async () => {
  await world.says(alice, '/team')
  await told(false)
  const before = world.bot.sent.length
  await told(true)
  expect(world.bot.sent).toHaveLength(before)
  expect((await world.team()).isSuspended).toBe(true)
  expect(await world.says(bob, '/team')).toContain('suspended')
  expect(await world.says(alice, '/team')).toContain('open again')
  expect((await world.team()).isSuspended).toBeUndefined()
  expect((await world.team()).roles).toEqual({ 'telegram:42': 'admin' })
})
