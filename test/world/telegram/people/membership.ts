// Who is in a chat: the bot added, promoted, removed or blocked, people joining and leaving, a group upgraded.
import { botIsIn, deliverMessage } from '../delivery.ts'
import { addMessage } from '../messages.ts'
import type { Chat, MemberStatus, Person, World } from '../model.ts'
import { chatJson, memberJson, userJson } from '../wire.ts'
import { addChat, privateChat } from './chats.ts'

/** Changes of membership, each with the updates Telegram sends for it. */
export function createMembership(world: World) {
  const { bot } = world

  /** Sets a status and tells the bot: of itself always, of others only when it is admin and asked. */
  function change(chat: Chat, { who, by, to }: { who: Person; by: Person; to: MemberStatus }) {
    const from = chat.members.get(who.id) ?? 'left'
    const heard = botIsIn(world, chat)
    chat.members.set(who.id, to)
    const update = {
      chat: chatJson(chat),
      from: userJson(by),
      date: Math.floor(world.clock.now() / 1000),
      old_chat_member: memberJson(who, from),
      new_chat_member: memberJson(who, to),
    }
    if (who.id === bot.id) {
      world.met.add(by.id)
      world.updates.push('my_chat_member', update)
    } else if (heard && chat.members.get(bot.id) === 'administrator') world.updates.push('chat_member', update)
  }

  function service(chat: Chat, { from, extra }: { from: Person; extra: Record<string, unknown> }) {
    deliverMessage(world, addMessage(world, { chat, draft: { from, extra } }))
  }

  function join(chat: Chat, { who, by, as = 'member' }: { who: Person; by: Person; as?: 'member' | 'administrator' }) {
    change(chat, { who, by, to: as })
    if (chat.type !== 'channel') service(chat, { from: by, extra: { new_chat_members: [userJson(who)] } })
  }

  return {
    /** Somebody brings the bot into a group or channel; in a channel it is an admin. */
    addBot(
      chat: Chat,
      {
        by,
        as = chat.type === 'channel' ? 'administrator' : 'member',
      }: { by: Person; as?: 'member' | 'administrator' },
    ) {
      join(chat, { who: bot, by, as })
    },
    /** Somebody removes the bot: it may not write there any more. */
    removeBot: (chat: Chat, { by }: { by: Person }) => change(chat, { who: bot, by, to: 'kicked' }),
    /** Makes the bot or a member an admin, or a plain member again. */
    setAdmin(chat: Chat, { who = bot, by, admin = true }: { who?: Person; by: Person; admin?: boolean }) {
      change(chat, { who, by, to: admin ? 'administrator' : 'member' })
    },
    /** The group's members, the bot among them, may send no photos and files any more. */
    forbidMedia(chat: Chat) {
      chat.mediaForbidden = true
    },
    join: (chat: Chat, who: Person) => join(chat, { who, by: who }),
    leave(chat: Chat, who: Person) {
      change(chat, { who, by: who, to: 'left' })
      service(chat, { from: who, extra: { left_chat_member: userJson(who) } })
    },
    /** The person blocks the bot: it may not write to them. */
    blockBot: (person: Person) => change(privateChat(world, person), { who: bot, by: person, to: 'kicked' }),
    unblockBot: (person: Person) => change(privateChat(world, person), { who: bot, by: person, to: 'member' }),
    /** Turns a basic group into a supergroup with a new id; the old id only answers with the new one from then on. */
    upgrade(group: Chat): Chat {
      if (group.type !== 'group') throw new Error(`${group.title} is no basic group`)
      const creator = [...group.members].find(([, status]) => status === 'creator')?.[0]
      const from = world.people.get(creator ?? 0) ?? bot
      const { title, members } = group
      const id = -(1_002_000_000_000 - group.id)
      const upgraded = addChat(world, { id, type: 'supergroup', title, members: new Map(members) })
      service(group, { from, extra: { migrate_to_chat_id: id } })
      group.migratedTo = upgraded
      service(upgraded, { from, extra: { migrate_from_chat_id: group.id } })
      return upgraded
    },
  }
}
