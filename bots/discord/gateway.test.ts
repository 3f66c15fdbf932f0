// The connection to Discord: interrupted, refused, not there yet; and no token in any log line.
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../core/clock.ts'
import { startDiscord } from '../../test/world/discord/startDiscord.ts'
import { textView } from '../chat/view.ts'
import { connectDiscord } from './testDiscord.ts'

let discord: Awaited<ReturnType<typeof connectDiscord>>
afterEach(() => discord.close())

test('what happened while the connection was gone comes once it is back, and once', async () => {
  discord = await connectDiscord()
  const { world, people, team, received } = discord
  await discord.start()
  world.dropGateway()
  expect(await world.command(people.ann, team, 'ask', { words: 'meanwhile' })).toMatchObject({ answered: true })
  world.redeliver()
  await world.command(people.ann, team, 'ask', { words: 'after' })
  await discord.event((event) => event.kind === 'command' && event.text === 'after')
  expect(received.map((event) => event.kind === 'command' && event.text)).toEqual(['meanwhile', 'after'])
  expect(world.identifies()).toBe(1)
})

test('a wrong token is refused at once, and stands in no log line', async () => {
  discord = await connectDiscord()
  const stranger = discord.makeChat({ token: 'MTE5.wrong.token' })
  await expect(stranger.start()).rejects.toMatchObject({ code: 'chat.refused', retry: 'never' })
  await expect(stranger.send(discord.teamPlace, textView('x'))).rejects.toMatchObject({ code: 'chat.refused' })
  await stranger.stop()
  expect(discord.logLines.join()).not.toContain('wrong')
})

test('a Discord that is not there yet is waited for with growing pauses', async () => {
  const port = await freePort()
  const clock = createManualClock(1_790_000_000_000)
  discord = await connectDiscord({ clock })
  const chat = discord.makeChat({ apiRoot: `http://127.0.0.1:${port}/api` })
  let isUp = false
  const started = chat.start().then(() => {
    isUp = true
  })
  const failures = () => discord.logLines.filter((line) => line.includes('cannot be reached')).length
  await expect.poll(failures).toBe(1)
  await clock.tick(1_000)
  await expect.poll(failures).toBe(2)
  await clock.tick(1_000)
  expect([failures(), isUp]).toEqual([2, false])
  const late = await startDiscord({ port, token: discord.world.token })
  await clock.tick(1_000)
  await started
  expect(chat.username).toBe('necto')
  expect(discord.logLines.join()).not.toContain(discord.world.token)
  await chat.stop()
  await late.stop()
})

test('a session that Discord ended for good is opened anew after a while, and an operator is told', async () => {
  const clock = createManualClock(1_790_000_000_000)
  discord = await connectDiscord({ clock })
  const { world, people, team, logLines } = discord
  await discord.start()
  world.dropGateway(4004)
  await expect.poll(() => logLines.join()).toContain('discord session ended')
  expect(world.connections()).toBe(0)
  await expect
    .poll(async () => {
      await clock.tick(30_000)
      return world.connections()
    })
    .toBe(1)
  expect(await world.command(people.ann, team, 'ask', { words: 'back' })).toMatchObject({ answered: true })
})

test('a stop while Discord is not there ends the waiting', async () => {
  discord = await connectDiscord()
  const chat = discord.makeChat({ apiRoot: `http://127.0.0.1:${await freePort()}/api` })
  const started = chat.start()
  await systemClock.sleep(0)
  await chat.stop()
  await started
})

test('after the stop nothing is taken, and Discord tells the person so', async () => {
  const clock = createManualClock(1_790_000_000_000)
  discord = await connectDiscord({ clock })
  const { world, people, team, chat, received } = discord
  await discord.start()
  await chat.stop()
  const outcome = world.command(people.ann, team, 'ask', { words: 'x' })
  await clock.tick(3_001)
  expect(await outcome).toMatchObject({ answered: false })
  expect(received).toEqual([])
})

test('commands are registered once, and anew only when they changed', async () => {
  discord = await connectDiscord()
  const { world, chat } = discord
  await discord.start()
  await chat.setCommands([])
  const puts = () => world.calls('PUT').length
  expect(puts()).toBe(2)
  await discord.start(discord.makeChat())
  expect(puts()).toBe(3)
  const next = discord.makeChat()
  await discord.start(next)
  expect(puts()).toBe(3)
  await next.stop()
})

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
