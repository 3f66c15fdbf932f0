// The contract of chats against Discord.

import type { ContractMessage, ContractWorld } from '../chat/testChatBed.ts'
import { describeChat } from '../chat/testChatContract.ts'
import { connectDiscord } from './testDiscord.ts'
import { structureOf, wordsOf } from './testMarkdown.ts'

const wide = {
  channel: { requests: 1e6, perMs: 5_000 },
  webhook: { requests: 1e6, perMs: 2_000 },
  other: { requests: 1e6, perMs: 10_000 },
  globalPerSecond: 1e6,
}

describeChat('Discord', openDiscord)

async function openDiscord(): Promise<ContractWorld> {
  const discord = await connectDiscord({ world: { rates: wide } })
  const { world, people, guild, team, teamPlace } = discord
  const shy = world.user({ name: 'Shy' })
  world.join(guild, shy)
  world.blockDms(shy)
  const other = world.channel(guild, 'other')

  const view = (message: ReturnType<typeof world.messages>[number]): ContractMessage => {
    expectNoPing(message)
    return {
      messageId: message.messageId,
      text: wordsOf(message.text),
      isAnswer: message.command !== undefined || message.replyToId !== undefined,
      buttons: message.buttons.map((row) => row.map(({ data, url }) => data ?? url ?? '')),
      structure: structureOf(message.text),
    }
  }
  const seenByAll = () => world.messages(team).filter(({ visibleTo, thinking }) => !visibleTo && !thinking)

  function one(messageId: string): ContractMessage {
    const found = seenByAll().find((message) => message.messageId === messageId)
    if (!found) throw new Error(`there is no message ${messageId}`)
    return view(found)
  }

  return {
    teamPlace,
    otherPlace: { ...teamPlace, chatId: other.id },
    annId: people.ann.id,
    unreachable: { platform: 'discord', chatId: shy.id, isPrivate: true, title: 'Shy' },
    async connect(onInbound) {
      const chat = discord.makeChat({ onInbound })
      await discord.start(chat)
      return chat
    },
    asks: (who, words) => void world.command(people[who], team, 'ask', { words }),
    async press(who, ref, token) {
      const before = world.messages(team, { as: people[who] }).length
      await world.pressForged(people[who], { chatId: ref.chatId, messageId: ref.messageId }, token)
      const isNew = () => world.messages(team, { as: people[who] }).slice(before)
      await world.waitFor(team, ({ visibleTo, messageId }) =>
        isNew().some((one) => one.messageId === messageId && visibleTo === people[who].id),
      )
      return wordsOf(isNew().at(-1)?.text ?? '')
    },
    letsWrite() {},
    reads: (who, where) =>
      world
        .messages(where === 'team' ? team : world.dm(people[who]), { as: people[who] })
        .map(({ text }) => wordsOf(text)),
    redeliver: () => world.redeliver(),
    messages: () => seenByAll().map(view),
    message: one,
    states: (messageId) =>
      world
        .transcript(team)
        .filter((entry) => entry.messageId === messageId && entry.event !== 'deleted')
        .map(({ text }) => wordsOf(text)),
    async sees(words) {
      const fits = (text: string) => (typeof words === 'string' ? text === words : words.test(text))
      const { messageId } = await world.waitFor(team, ({ text, visibleTo }) => !visibleTo && fits(wordsOf(text)))
      return one(messageId)
    },
    async deleteMessage({ chatId, messageId }) {
      await fetch(`${world.apiRoot}/v10/channels/${chatId}/messages/${messageId}`, {
        method: 'DELETE',
        headers: { authorization: `Bot ${world.token}` },
      })
    },
    removeBot: () => world.removeBot(guild),
    limitNext: (call, seconds) =>
      world.failNext({
        route: call === 'send' ? 'POST /channels/:channel/messages' : 'PATCH',
        fault: { kind: 'tooManyRequests', retryAfterMs: seconds * 1000 },
      }),
    stop: () => discord.close(),
  }
}

function expectNoPing({
  pings,
  allowedMentions,
}: {
  pings: { everyone: boolean; userIds: readonly string[] }
  allowedMentions?: unknown
}) {
  if (pings.everyone || pings.userIds.length > 0) throw new Error('somebody was pinged')
  if (JSON.stringify(allowedMentions) !== '{"parse":[]}') throw new Error('mentions were not switched off')
}
