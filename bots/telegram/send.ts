// Our messages to Telegram: send, edit, answer, delete.
import type { Api } from 'grammy'
import type { ChatMember } from 'grammy/types'
import type { Log } from '../../core/log.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import type { Addressee, ChatPort, EditOutcome } from '../chat/port.ts'
import type { View } from '../chat/view.ts'
import { mapError, sortFailure } from './mapError.ts'
import { renderTelegram } from './render.ts'

/** A group became a supergroup and has another chat id from now on. */
export interface Migration {
  readonly fromChatId: string
  readonly toChatId: string
}

export type Sender = Pick<ChatPort, 'send' | 'edit' | 'remove' | 'isCreator' | 'isMember'>

/** Sends through grammY's client; every call ends within the client's own timeout. */
export function createSender(options: {
  api: Api
  log: Log
  isAllowedLink(url: string): boolean
  onMigrate(migration: Migration): Promise<void>
}): Sender {
  const { api, log, isAllowedLink, onMigrate } = options

  function render(view: View) {
    const { text, entities, keyboard, refusedButtons } = renderTelegram(view, isAllowedLink)
    if (refusedButtons.length > 0) log.error({ msg: 'buttons refused by the renderer', labels: refusedButtons })
    // Previews would fetch payment links, some of which work once.
    const shared = { entities: [...entities], link_preview_options: { is_disabled: true } }
    return { text, shared: keyboard ? { ...shared, reply_markup: keyboard } : shared }
  }

  async function send(place: Place, view: View, more: Parameters<ChatPort['send']>[2] = {}): Promise<MessageRef> {
    const { text, shared } = render(view)
    try {
      const message = await api.sendMessage(Number(place.chatId), text, {
        ...shared,
        ...(place.threadId ? { message_thread_id: Number(place.threadId) } : {}),
        ...(more.silent ? { disable_notification: true } : {}),
        ...(more.replyTo
          ? { reply_parameters: { message_id: Number(more.replyTo.messageId), allow_sending_without_reply: true } }
          : {}),
      })
      return refOf(place, message.message_id)
    } catch (thrown) {
      const call = { method: 'sendMessage', isRepeatable: false }
      const failure = sortFailure(thrown, call)
      if (failure.kind === 'migrated') {
        await onMigrate({ fromChatId: place.chatId, toChatId: failure.toChatId })
        const { replyTo: _, ...rest } = more
        return send({ ...place, chatId: failure.toChatId }, view, rest)
      }
      if (failure.kind === 'no-thread' && place.threadId) {
        // The topic is gone, the group is not: better in General than nowhere.
        const { threadId: _, ...general } = place
        return send(general, view, more)
      }
      throw mapError(thrown, call)
    }
  }

  async function edit(ref: MessageRef, view: View): Promise<EditOutcome> {
    const { text, shared } = render(view)
    try {
      await api.editMessageText(Number(ref.chatId), Number(ref.messageId), text, shared)
      return 'edited'
    } catch (thrown) {
      const failure = sortFailure(thrown, { method: 'editMessageText', isRepeatable: true })
      if (failure.kind === 'unchanged') return 'edited'
      // Message ids do not move along with a group.
      if (failure.kind === 'migrated') await onMigrate({ fromChatId: ref.chatId, toChatId: failure.toChatId })
      else if (failure.kind === 'error' && failure.error.code !== 'chat.unreachable') throw failure.error
      return 'gone'
    }
  }

  /** The person as the group has them; undefined: not at all, or we may not look. */
  async function memberOf(place: Place, { userId }: Addressee): Promise<ChatMember | undefined> {
    try {
      return await api.getChatMember(Number(place.chatId), Number(userId))
    } catch (thrown) {
      const error = mapError(thrown, { method: 'getChatMember', isRepeatable: true })
      if (error.retry === 'later') throw error
      return undefined
    }
  }

  return {
    send,
    edit,
    async remove(ref) {
      try {
        return await api.deleteMessage(Number(ref.chatId), Number(ref.messageId))
      } catch (thrown) {
        const failure = sortFailure(thrown, { method: 'deleteMessage', isRepeatable: true })
        if (failure.kind === 'error' && failure.error.retry === 'later') throw failure.error
        return false
      }
    },
    async isCreator(place, principal) {
      if (place.isPrivate) return place.chatId === principal.userId
      return (await memberOf(place, principal))?.status === 'creator'
    },
    async isMember(place, person) {
      if (place.isPrivate) return place.chatId === person.userId
      const member = await memberOf(place, person)
      if (member?.status === 'restricted') return member.is_member
      return member !== undefined && member.status !== 'left' && member.status !== 'kicked'
    },
  }
}

/** The ref of a message of ours in this place. */
function refOf(place: Place, messageId: number): MessageRef {
  const { title: _, ...chat } = place
  return { ...chat, messageId: String(messageId) }
}
