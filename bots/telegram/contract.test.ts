// The contract of chats against Telegram.
import type { MessageRef } from '../chat/inbound.ts'
import type { ContractMessage, ContractWorld } from '../chat/testChatBed.ts'
import { describeChat } from '../chat/testChatContract.ts'
import { connectTelegram } from './testTelegram.ts'

const FOUND_BY_TELEGRAM = new Set(['bot_command'])
const wide = { groupPerMinute: 1e9, chatBurst: 1e9, totalPerSecond: 1e9 }

describeChat('Telegram', openTelegram)

async function openTelegram(): Promise<ContractWorld> {
  const telegram = await connectTelegram({ world: { limits: wide } })
  const { world, people, team, teamPlace } = telegram
  const other = world.supergroup({ title: 'Other', creator: people.ann, members: [] })
  world.addBot(other, { by: people.ann })

  const view = (message: ReturnType<typeof world.messages>[number]): ContractMessage => ({
    messageId: String(message.messageId),
    text: message.text.replaceAll('\u200B', ''),
    isAnswer: message.replyToId !== undefined,
    buttons: message.buttons.map((row) => row.map(({ data, url }) => data ?? url ?? '')),
    structure: message.entities
      .filter(({ type }) => !FOUND_BY_TELEGRAM.has(type))
      .map(({ type, url }) => (type === 'text_link' ? `link ${url}` : type)),
  })
  const ours = () => world.messages(team).filter(({ fromId }) => fromId === world.bot.id)
  const pointer = (ref: MessageRef) => ({ chatId: Number(ref.chatId), messageId: Number(ref.messageId) })

  function one(messageId: string): ContractMessage {
    const found = ours().find((message) => String(message.messageId) === messageId)
    if (!found) throw new Error(`there is no message ${messageId}`)
    return view(found)
  }

  return {
    teamPlace,
    otherPlace: { ...teamPlace, chatId: String(other.id), title: 'Other' },
    annId: '42',
    unreachable: { platform: 'telegram', chatId: '43', isPrivate: true, title: 'Bob' },
    async connect(onInbound) {
      const chat = telegram.makeChat({ onInbound })
      await chat.start()
      return chat
    },
    asks: (who, words) => void world.command(people[who], team, `/ask ${words}`),
    press: async (who, ref, token) => (await world.pressForged(people[who], pointer(ref), token)).text,
    letsWrite: () => world.startBot(people.ann),
    reads: (who, where) =>
      world.messages(where === 'team' ? team : world.privateChat(people[who])).map(({ text }) => text),
    redeliver: () => world.redeliver(),
    messages: () => ours().map(view),
    message: one,
    states: (messageId) =>
      world
        .transcript(team)
        .filter((entry) => String(entry.messageId) === messageId && entry.event !== 'deleted')
        .map(({ text }) => text),
    async sees(words) {
      const fits = (text: string) => (typeof words === 'string' ? text === words : words.test(text))
      const { messageId } = await world.waitFor(team, (entry) => entry.fromBot && fits(entry.text))
      return one(String(messageId))
    },
    deleteMessage: async (ref) => world.deleteMessage(pointer(ref)),
    removeBot: () => world.removeBot(team, { by: people.ann }),
    limitNext: (call, seconds) =>
      world.failNext({
        method: call === 'send' ? 'sendMessage' : 'editMessageText',
        fault: { kind: 'tooManyRequests', retryAfterSeconds: seconds },
      }),
    stop: () => telegram.close(),
  }
}
