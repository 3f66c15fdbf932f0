// Senders that are not a person one can name: anonymous admins, channels, automatic forwards.
import { deliverMessage } from '../delivery.ts'
import { typedText } from '../markup/formattedText.ts'
import { addMessage } from '../messages.ts'
import type { Chat, Person, World } from '../model.ts'
import { channelBot, groupAnonymousBot, serviceAccount } from '../wellKnown.ts'
import { chatJson } from '../wire.ts'
import { type MessagePointer, pointer } from './talking.ts'

/** Posts under a name that hides who wrote. */
export function createSpecialSenders(world: World) {
  function post(chat: Chat, draft: Parameters<typeof addMessage>[1]['draft']): MessagePointer {
    const message = addMessage(world, { chat, draft })
    deliverMessage(world, message)
    return pointer(message)
  }

  return {
    /** An admin who hides: the group itself is shown. A press by the same admin carries their own id. */
    postAsAnonymousAdmin(admin: Person, chat: Chat, text: string): MessagePointer {
      const status = chat.members.get(admin.id)
      if (status !== 'creator' && status !== 'administrator')
        throw new Error(`${admin.firstName} is no admin of ${chat.title}`)
      return post(chat, { from: groupAnonymousBot, senderChat: chat, content: typedText(text) })
    },
    /** A member who writes in a group in the name of a channel of theirs. */
    postAsChannel: (channel: Chat, chat: Chat, text: string) =>
      post(chat, { from: channelBot, senderChat: channel, content: typedText(text) }),
    /** A post in a channel. */
    postInChannel: (channel: Chat, text: string) => post(channel, { senderChat: channel, content: typedText(text) }),
    /** What the app puts into a channel's discussion group for each post. */
    autoForward(channel: Chat, chat: Chat, text: string): MessagePointer {
      const original = post(channel, { senderChat: channel, content: typedText(text) })
      const date = Math.floor(world.clock.now() / 1000)
      const origin = { type: 'channel', chat: chatJson(channel), message_id: original.messageId, date }
      const extra = { is_automatic_forward: true, forward_origin: origin }
      return post(chat, { from: serviceAccount, senderChat: channel, content: typedText(text), extra })
    },
  }
}
