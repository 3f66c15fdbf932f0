// Receiving: nothing is confirmed before it is safe with us, nothing is lost by stopping, faults pass.
import { afterEach, describe, expect, test } from 'vitest'
import { NectoError } from '../../core/errors.ts'
import type { Inbound } from '../chat/inbound.ts'
import { connectTelegram } from './testTelegram.ts'

type Connected = Awaited<ReturnType<typeof connectTelegram>>
const open: Connected[] = []
async function connect(options: Parameters<typeof connectTelegram>[0] = {}): Promise<Connected> {
  const telegram = await connectTelegram(options)
  open.push(telegram)
  return telegram
}
afterEach(async () => {
  for (const telegram of open.splice(0)) await telegram.close()
})

const names = (events: readonly Inbound[]) =>
  events.map((event) => (event.kind === 'command' ? event.name : event.kind))
/** A promise and how to resolve it. */
const signal = () => Promise.withResolvers<void>()

describe('polling', () => {
  test('asks for messages, presses and its own membership only', async () => {
    const { chat, world, people, team, command } = await connect()
    await chat.start()
    world.command(people.ann, team, '/job')
    await command('job')
    expect(world.calls('getUpdates')[0]?.params).toMatchObject({
      allowed_updates: ['message', 'callback_query', 'my_chat_member'],
    })
    expect(chat.username).toBe('necto_bot')
  })

  test('an event that could not be stored comes again, in its place', async () => {
    let failures = 2
    const { chat, world, people, team, command, received } = await connect({
      onInbound: async () => {
        if (failures-- > 0) throw new NectoError('store.write', 'disk full', { retry: 'later' })
      },
    })
    world.command(people.ann, team, '/first')
    world.command(people.ann, team, '/second')
    await chat.start()
    await command('second')
    expect(names(received)).toEqual(['first', 'second'])
  })

  test('an update that can never be handled does not hold up the others', async () => {
    const { chat, world, people, team, command, received, logLines } = await connect({
      onInbound: async (event) => {
        if (event.kind === 'command' && event.name === 'poison') throw new TypeError('no')
      },
    })
    world.command(people.ann, team, '/poison')
    world.command(people.ann, team, '/good')
    await chat.start()
    await command('good')
    expect(names(received)).toEqual(['good'])
    expect(logLines.join('')).toContain('telegram update skipped')
  })

  test('stop waits for the event in hand and confirms it; the next one waits for the next start', async () => {
    const [begun, gate] = [signal(), signal()]
    const telegram = await connect({
      onInbound: async () => {
        begun.resolve()
        await gate.promise
      },
    })
    const { chat, makeChat, world, people, team, command, received } = telegram
    world.command(people.ann, team, '/first')
    world.command(people.ann, team, '/second')
    await chat.start()
    await begun.promise
    let stopped = false
    const stopping = chat.stop().then(() => {
      stopped = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(stopped).toBe(false)
    gate.resolve()
    await stopping
    expect(names(received)).toEqual(['first'])
    const next = makeChat()
    await next.start()
    await command('second')
    await next.stop()
    expect(names(received)).toEqual(['first', 'second'])
  })

  test('server errors, hang-ups and a second poller pass', async () => {
    const { chat, world, people, team, command, logLines } = await connect()
    world.failNext({ method: 'getMe', fault: { kind: 'status', code: 502 } })
    world.failNext({ method: 'getUpdates', fault: { kind: 'drop', when: 'before' } })
    await chat.start()
    world.command(people.ann, team, '/job')
    await command('job')
    expect(logLines.filter((line) => line.includes('telegram poll failed')).length).toBe(2)
  })

  test('stop ends a quiet long poll at once', async () => {
    const { chat, world } = await connect()
    await chat.start()
    await new Promise<void>((resolve) => {
      const look = () => (world.calls('getUpdates').length > 0 ? resolve() : setImmediate(look))
      look()
    })
    const before = performance.now()
    await chat.stop()
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})
