// Makes people and chats: private, group, supergroup, forum, channel.
import type { Chat, ChatType, MemberStatus, Person, World } from '../model.ts'

export interface UserOptions {
  readonly id: number
  readonly firstName: string
  readonly username?: string
  readonly languageCode?: string
  readonly isBot?: boolean
}

export interface GroupOptions {
  readonly title: string
  readonly creator: Person
  readonly members?: readonly Person[]
  readonly username?: string
}

/** Makers of people and chats. The bot is in none of them until people/membership.ts adds it. */
export function createChatMakers(world: World) {
  let made = 0

  function addPerson({ isBot = false, ...rest }: UserOptions): Person {
    if (world.people.has(rest.id)) throw new Error(`there is already somebody with the id ${rest.id}`)
    const person = { isBot, ...rest }
    world.people.set(person.id, person)
    return person
  }

  function addRoom(
    type: ChatType,
    { title, creator, members = [], username, topics }: GroupOptions & { topics?: Map<number, string> },
  ): Chat {
    made += 1
    // Basic groups have small negative ids, the rest carry the -100 prefix.
    const id = type === 'group' ? -(5_000_000 + made) : -(1_001_000_000_000 + made)
    const people = new Map<number, MemberStatus>(members.map((person) => [person.id, 'member']))
    return addChat(world, { id, type, title, username, topics, members: people.set(creator.id, 'creator') })
  }

  return {
    /** Somebody with an account. */
    user: addPerson,
    /** The chat of one person with the bot; empty until that person presses Start. */
    privateChat: (person: Person) => privateChat(world, person),
    group: (options: GroupOptions) => addRoom('group', options),
    supergroup: (options: GroupOptions) => addRoom('supergroup', options),
    /** A supergroup with topics; the numbers of the topics come from `addTopic`. */
    forum: (options: GroupOptions) => addRoom('supergroup', { ...options, topics: new Map() }),
    channel: (options: GroupOptions) => addRoom('channel', options),
    /** Opens a topic and returns its thread id. */
    addTopic(chat: Chat, name: string): number {
      if (!chat.topics) throw new Error(`${chat.title} is no forum`)
      const threadId = chat.nextMessageId
      chat.nextMessageId += 1
      chat.topics.set(threadId, name)
      return threadId
    },
  }
}

/** Registers a chat. */
export function addChat(world: World, chat: Omit<Chat, 'messages' | 'nextMessageId' | 'started'>): Chat {
  const full = { ...chat, messages: new Map(), nextMessageId: 1, started: false }
  world.chats.set(full.id, full)
  return full
}

/** The chat a person has with the bot, made when it is first asked for. */
export function privateChat(world: World, { id, firstName: title, username }: Person): Chat {
  const members = new Map<number, MemberStatus>([
    [id, 'member'],
    [world.bot.id, 'member'],
  ])
  return world.chats.get(id) ?? addChat(world, { id, type: 'private', title, username, members })
}
