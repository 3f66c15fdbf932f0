// A key pasted into a Telegram chat, over the real wire: deleted there, kept nowhere.
import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { createInbox, inboxEvents } from '../chat/inbox.ts'
import { connectTelegram } from './testTelegram.ts'

test('a key pasted into a chat is deleted there and stored nowhere', async () => {
  const telegram = await connectTelegram({ onInbound: (event) => inbox.accept(event) })
  const { world, people, team, chat } = telegram
  const collection = createMemoryStore().collection(inboxEvents)
  const inbox = createInbox({
    collection,
    clock: systemClock,
    log: silentLog,
    handle: async () => {},
    tell: (event, text) => chat.notice(event, text),
    findSecret: (text) => /0x[0-9a-f]{64}/.test(text),
    async onSecret(event) {
      await chat.remove(event.message)
      await chat.notice(event, 'That looked like a key.')
    },
  })
  await inbox.start()
  await chat.start()
  world.setAdmin(team, { by: people.ann })
  world.command(people.bob, team, `/job key=0x${'ab'.repeat(32)}`)
  await world.waitFor(team, (entry) => entry.text === 'That looked like a key.')
  expect(world.messages(team).some((message) => message.text.includes('0xab'))).toBe(false)
  expect(await collection.list()).toEqual([])
  await telegram.close()
})
