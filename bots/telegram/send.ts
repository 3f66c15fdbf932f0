// Our messages to Telegram: send, edit, answer, delete.
import { type Api, InputFile } from 'grammy'
import type { ChatMember } from 'grammy/types'
import type { Log } from '../../core/log.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import type { Addressee, ChatPort, EditOutcome } from '../chat/port.ts'
import type { View } from '../chat/view.ts'
import { mapError, sortFailure } from './mapError.ts'
import { blocksInCaption, renderTelegram } from './render.ts'

/** A group became a supergroup and has another chat id from now on. */
export interface Migration {
  readonly fromChatId: string
  readonly toChatId: string
}

export type Sender = Pick<ChatPort, 'send' | 'edit' | 'remove' | 'isCreator' | 'isMember'>

// Previews would fetch payment links, some of which work once.
const NO_PREVIEW = { link_preview_options: { is_disabled: true } }

/** Sends through grammY's client; every call ends within the client's own timeout. */
export function createSender(options: {
  api: Api
  log: Log
  isAllowedLink(url: string): boolean
  onMigrate(migration: Migration): Promise<void>
}): Sender {
  const { api, log, isAllowedLink, onMigrate } = options

  function render(view: View, as: 'text' | 'caption') {
    const { text, entities, keyboard, refusedButtons } = renderTelegram(view, isAllowedLink, as)
    if (refusedButtons.length > 0) log.error({ msg: 'buttons refused by the renderer', labels: refusedButtons })
    return { text, entities: [...entities], shared: keyboard ? { reply_markup: keyboard } : {} }
  }

  /** One call that makes a message: a text, or a photo with the text as its caption. */
  async function call(chatId: number, view: View, more: object): Promise<number> {
    const { text, entities, shared } = render(view, view.picture ? 'caption' : 'text')
    if (!view.picture) {
      return (await api.sendMessage(chatId, text, { ...shared, ...NO_PREVIEW, entities, ...more })).message_id
    }
    const photo = new InputFile(view.picture.png, view.picture.fileName)
    const caption = view.blocks.length > 0 ? { caption: text, caption_entities: entities } : {}
    return (await api.sendPhoto(chatId, photo, { ...shared, ...caption, ...more })).message_id
  }

  async function send(place: Place, view: View, more: Parameters<ChatPort['send']>[2] = {}): Promise<MessageRef> {
    const shown = view.picture ? blocksInCaption(view, isAllowedLink) : view.blocks.length
    let messageId: number
    try {
      messageId = await call(
        Number(place.chatId),
        { ...view, blocks: view.blocks.slice(0, shown) },
        {
          ...(place.threadId ? { message_thread_id: Number(place.threadId) } : {}),
          ...(more.silent ? { disable_notification: true } : {}),
          ...(more.replyTo
            ? { reply_parameters: { message_id: Number(more.replyTo.messageId), allow_sending_without_reply: true } }
            : {}),
        },
      )
    } catch (thrown) {
      const about = { method: view.picture ? 'sendPhoto' : 'sendMessage', isRepeatable: false }
      const failure = sortFailure(thrown, about)
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
      if (failure.kind === 'no-media') return send(place, inWords(view), more)
      throw mapError(thrown, about)
    }
    const ref = refOf(place, messageId)
    const rest = view.blocks.slice(shown)
    // What a caption has no room for stands below it.
    if (rest.length > 0) await send(place, { blocks: rest }, { ...more, replyTo: ref })
    return ref
  }

  async function edit(ref: MessageRef, view: View): Promise<EditOutcome> {
    const change = { text: changeText, caption: changeCaption }
    const [first, other] = view.picture ? (['caption', 'text'] as const) : (['text', 'caption'] as const)
    const outcome = await editPart(ref, () => change[first](ref, view))
    if (outcome !== 'other-part') return outcome
    // A message with a picture has a caption and no text, whatever is known of it here.
    const second = await editPart(ref, () => change[other](ref, view))
    return second === 'other-part' ? 'gone' : second
  }

  function changeText(ref: MessageRef, view: View): Promise<unknown> {
    const { text, entities, shared } = render(view, 'text')
    return api.editMessageText(Number(ref.chatId), Number(ref.messageId), text, { ...shared, ...NO_PREVIEW, entities })
  }

  function changeCaption(ref: MessageRef, view: View): Promise<unknown> {
    const { text, entities, shared } = render(view, 'caption')
    const caption = { caption: text, caption_entities: entities }
    return api.editMessageCaption(Number(ref.chatId), Number(ref.messageId), { ...shared, ...caption })
  }

  async function editPart(ref: MessageRef, change: () => Promise<unknown>): Promise<EditOutcome | 'other-part'> {
    try {
      await change()
      return 'edited'
    } catch (thrown) {
      const failure = sortFailure(thrown, { method: 'editMessage', isRepeatable: true })
      if (failure.kind === 'unchanged') return 'edited'
      if (failure.kind === 'other-part') return 'other-part'
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

/** The same without its picture, where none may be sent. */
function inWords({ picture, ...view }: View): View {
  return picture ? { ...view, blocks: [...view.blocks, { kind: 'note', text: picture.alt }] } : view
}

/** The ref of a message of ours in this place. */
function refOf(place: Place, messageId: number): MessageRef {
  const { title: _, ...chat } = place
  return { ...chat, messageId: String(messageId) }
}
