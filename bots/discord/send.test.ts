// Our messages to Discord: files, silence, threads, owners, and calls whose answer was lost.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { textView } from '../chat/view.ts'
import { connectDiscord } from './testDiscord.ts'

let discord: Awaited<ReturnType<typeof connectDiscord>>
beforeEach(async () => {
  discord = await connectDiscord()
  await discord.start()
})
afterEach(() => discord.close())

test('a picture arrives with its description', async () => {
  const { world, chat, team, teamPlace } = discord
  const picture = { fileName: 'spend.png', png: new Uint8Array([1, 2]), alt: 'Spend by week' }
  await chat.send(teamPlace, { ...textView('Spend'), picture }, { silent: true })
  const files = [{ name: 'spend.png', description: 'Spend by week', bytes: Buffer.from([1, 2]) }]
  expect(world.messages(team)).toMatchObject([{ text: 'Spend', files, silent: true }])
})

test('a message whose answer was lost is there once', async () => {
  const { world, chat, team, teamPlace } = discord
  world.failNext({ route: 'POST /channels', fault: { kind: 'drop', when: 'after' } })
  const ref = await chat.send(teamPlace, textView('once'))
  expect(world.messages(team)).toMatchObject([{ messageId: ref.messageId, text: 'once' }])
  world.failNext({ route: 'PATCH /channels', fault: { kind: 'drop', when: 'after' } })
  expect(await chat.edit(ref, textView('twice'))).toBe('edited')
})

test('a Discord that fails is tried later', async () => {
  const { world, chat, teamPlace } = discord
  world.failNext({ route: 'POST /channels', times: 2, fault: { kind: 'status', status: 502 } })
  await expect(chat.send(teamPlace, textView('x'))).rejects.toMatchObject({ code: 'chat.failed', retry: 'unknown' })
})

test('its limit is met before Discord says so, and nothing waits in a queue', async () => {
  const { world, chat, team, teamPlace } = discord
  const sent = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => chat.send(teamPlace, textView(`${i}`))))
  const busy = sent.filter((one) => one.status === 'rejected').map(({ reason }) => reason)
  expect(busy).toHaveLength(3)
  for (const error of busy) expect(error).toMatchObject({ code: 'chat.busy', retry: 'later' })
  expect(Number(busy[0].details)).toBeGreaterThan(0)
  expect(world.messages(team)).toHaveLength(5)
  expect(world.calls('POST /channels').every(({ status }) => status === 200)).toBe(true)
})

test('the creator is the owner of the server; in private everybody is their own', async () => {
  const { chat, people, teamPlace } = discord
  const person = ({ id }: { id: string }) => ({ platform: 'discord', userId: id, label: 'x', kind: 'user' }) as const
  expect(await chat.isCreator(teamPlace, person(people.ann))).toBe(true)
  expect(await chat.isCreator(teamPlace, person(people.bob))).toBe(false)
  expect(await chat.isCreator({ ...teamPlace, spaceId: '1' }, person(people.ann))).toBe(false)
  const own = chat.privatePlace(person(people.bob))
  expect([await chat.isCreator(own, person(people.bob)), await chat.isCreator(own, person(people.ann))]).toEqual([
    true,
    false,
  ])
})

test('the link to the bot is a button that may be shown', async () => {
  const { world, chat, team, teamPlace } = discord
  const url = chat.startUrl('discord', 'job')
  await chat.send(teamPlace, { blocks: [], buttons: [[{ label: 'Open', url }]] })
  expect(world.messages(team)[0]?.buttons).toMatchObject([[{ url }]])
})
