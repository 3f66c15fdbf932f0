// The story's people on the local Telegram: a group with the bot in it, and private chats.
import { PEOPLE, TEAM } from './cast.ts'
import type { ChatWorld } from './chatWorld.ts'
import type { Telegram } from './telegram/startTelegram.ts'

type Person = ReturnType<Telegram['user']>
type Chat = ReturnType<Telegram['group']>
type Entry = Awaited<ReturnType<Telegram['waitFor']>>

/** Makes the cast; call it once per Telegram. */
export function createTelegramChats(telegram: Telegram): ChatWorld<Person, Chat, Entry> {
  const join = ({ name, username, telegramId }: (typeof PEOPLE)[keyof typeof PEOPLE]) =>
    telegram.user({ id: telegramId, firstName: name, username })
  const admin = join(PEOPLE.admin)
  const seller = join(PEOPLE.seller)
  const creator = join(PEOPLE.creator)
  const member = join(PEOPLE.member)
  const team = telegram.group({ title: TEAM, creator, members: [member] })
  telegram.addBot(team, { by: creator })
  return {
    platform: 'telegram',
    cast: {
      admin,
      seller,
      creator,
      member,
      team,
      adminChat: telegram.privateChat(admin),
      sellerChat: telegram.privateChat(seller),
      memberChat: telegram.privateChat(member),
    },
    privateChat: telegram.privateChat,
    chatName: (chatId) => (chatId === team.id ? `the group ${TEAM}` : 'a private chat'),
    meet: (person) => void telegram.startBot(person),
    command: (person, chat, text) => void telegram.command(person, chat, text),
    async press(person, on, label) {
      await telegram.press(person, on, label)
    },
    transcript: telegram.transcript,
    waitFor: telegram.waitFor,
    onEvent: (listener) =>
      void telegram.onEvent((event) => {
        if (event.kind === 'message') listener(event)
        else if (event.kind === 'toast' && event.text) listener({ kind: 'aside', text: `toast: ${event.text}` })
      }),
  }
}
