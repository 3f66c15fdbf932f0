// Turns people, chats and messages into the JSON the Bot API sends; fields that are undefined vanish in JSON.
import type { Chat, MemberStatus, Person, StoredMessage } from './model.ts'

export type Json = Record<string, unknown>

const seconds = (ms: number) => Math.floor(ms / 1000)

/** A User object. */
export function userJson(person: Person): Json {
  return {
    id: person.id,
    is_bot: person.isBot,
    first_name: person.firstName,
    username: person.username,
    language_code: person.languageCode,
  }
}

/** A Chat object; a private chat carries the person's name instead of a title. */
export function chatJson(chat: Chat): Json {
  const name = chat.type === 'private' ? { first_name: chat.title } : { title: chat.title }
  return { id: chat.id, ...name, username: chat.username, type: chat.type, is_forum: chat.topics ? true : undefined }
}

/** A Message object as updates and method results carry it. */
export function messageJson(message: StoredMessage): Json {
  const { file, replyTo, threadId } = message
  const body = file
    ? { caption: message.text || undefined, caption_entities: some(message.entities) }
    : { text: message.text || undefined, entities: some(message.entities) }
  return {
    message_id: message.id,
    message_thread_id: threadId,
    is_topic_message: threadId === undefined ? undefined : true,
    from: message.from && userJson(message.from),
    sender_chat: message.senderChat && chatJson(message.senderChat),
    chat: chatJson(message.chat),
    date: seconds(message.atMs),
    edit_date: message.editedAtMs === undefined ? undefined : seconds(message.editedAtMs),
    // The API never nests more than one reply.
    reply_to_message: replyTo && messageJson({ ...replyTo, replyTo: undefined }),
    ...message.extra,
    ...fileJson(message),
    ...body,
    reply_markup: message.keyboard.length > 0 ? { inline_keyboard: message.keyboard } : undefined,
  }
}

/** What a callback query carries when its message is gone. */
export function inaccessibleMessageJson(chat: Chat, messageId: number): Json {
  return { chat: chatJson(chat), message_id: messageId, date: 0 }
}

/** A ChatMember object. */
export function memberJson(person: Person, status: MemberStatus): Json {
  const user = userJson(person)
  if (status === 'creator') return { user, status, is_anonymous: false }
  if (status === 'kicked') return { user, status, until_date: 0 }
  if (status !== 'administrator') return { user, status }
  return { user, status, can_be_edited: false, is_anonymous: false, ...administratorRights }
}

const administratorRights = {
  can_manage_chat: true,
  can_delete_messages: true,
  can_manage_video_chats: true,
  can_restrict_members: true,
  can_promote_members: false,
  can_change_info: true,
  can_invite_users: true,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_pin_messages: true,
  can_manage_topics: false,
}

function fileJson({ file }: StoredMessage): Json {
  if (!file) return {}
  const common = { file_id: file.fileId, file_unique_id: `u${file.fileId}`, file_size: file.bytes.length }
  if (file.kind === 'photo') return { photo: [{ ...common, width: file.width, height: file.height }] }
  return { document: { ...common, file_name: file.name, mime_type: file.contentType } }
}

const some = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined)
