// What the page knows and who is being played; follows the server's stream, and sends what is done.
import type {
  Action,
  ActionReply,
  PageChat,
  PageEvent,
  PageMessage,
  PageState,
  PersonKey,
  PlatformName,
} from '../protocol.ts'

export type Change =
  | { readonly kind: 'all' }
  | Extract<PageEvent, { kind: 'message' } | { kind: 'gone' } | { kind: 'toast' }>

const EMPTY: PageState = { people: [], chats: [], messages: [], commands: { telegram: [], discord: [] } }

export type Store = ReturnType<typeof createStore>

/** `open` is the chat each window shows. */
export function createStore() {
  let state = EMPTY
  let person: PersonKey = 'member'
  let messages = new Map<string, PageMessage>()
  const open: Record<PlatformName, string> = { telegram: '', discord: '' }
  const unread = new Set<string>()
  const listeners = new Set<(change: Change) => void>()
  const keyOf = ({ platform, chatId, id }: Pick<PageMessage, 'platform' | 'chatId' | 'id'>) =>
    `${platform}/${chatId}/${id}`
  const chatKey = ({ platform, id }: Pick<PageChat, 'platform' | 'id'>) => `${platform}/${id}`
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change)
  }

  const chatsOf = (platform: PlatformName, who = person) =>
    state.chats.filter((chat) => chat.platform === platform && chat.people.includes(who))
  const isUnread = (chat: PageChat) => unread.has(chatKey(chat))

  /** The chat that was open if this person sits in it, else one with news, else the first. */
  function settle(platform: PlatformName) {
    const own = chatsOf(platform)
    const chat = own.find(isUnread) ?? own.find(({ id }) => id === open[platform]) ?? own[0]
    open[platform] = chat?.id ?? ''
    unread.delete(`${platform}/${open[platform]}`)
  }

  function take(event: PageEvent) {
    if (event.kind === 'state') {
      state = event
      messages = new Map(event.messages.map((message) => [keyOf(message), message]))
      settle('telegram')
      settle('discord')
      tell({ kind: 'all' })
      return
    }
    if (event.kind === 'message') {
      const { message } = event
      const isNew = !messages.has(keyOf(message))
      messages.set(keyOf(message), message)
      const isSeen = open[message.platform] === message.chatId
      if (isNew && message.fromBot && !isSeen) unread.add(`${message.platform}/${message.chatId}`)
    }
    if (event.kind === 'gone') messages.delete(keyOf(event))
    tell(event)
  }

  return {
    get person() {
      return person
    },
    get people() {
      return state.people
    },
    chatsOf,
    isUnread,
    commands: (platform: PlatformName) => state.commands[platform],
    openChat: (platform: PlatformName): PageChat | undefined =>
      state.chats.find((chat) => chat.platform === platform && chat.id === open[platform]),
    /** Messages of a chat that the person played sees, oldest first. */
    messagesOf: (platform: PlatformName, chatId: string): PageMessage[] =>
      [...messages.values()].filter(
        (one) => one.platform === platform && one.chatId === chatId && (!one.onlyFor || one.onlyFor === person),
      ),
    hasNews: (who: PersonKey): boolean =>
      who !== person && [...chatsOf('telegram', who), ...chatsOf('discord', who)].some(isUnread),
    play(who: PersonKey) {
      person = who
      settle('telegram')
      settle('discord')
      tell({ kind: 'all' })
    },
    show(platform: PlatformName, chatId: string) {
      open[platform] = chatId
      unread.delete(`${platform}/${chatId}`)
      tell({ kind: 'all' })
    },
    onChange: (listener: (change: Change) => void) => void listeners.add(listener),
    connect(onState: (isOn: boolean) => void) {
      const stream = new EventSource('/events')
      stream.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as PageEvent))
      stream.addEventListener('open', () => onState(true))
      stream.addEventListener('error', () => onState(false))
    },
    async act(action: Action): Promise<ActionReply> {
      try {
        const answer = await fetch('/act', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(action),
        })
        return (await answer.json()) as ActionReply
      } catch {
        return { ok: false, why: 'The sandbox does not answer. Was it ended?' }
      }
    },
  }
}
