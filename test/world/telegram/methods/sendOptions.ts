// The options every send method shares: reply, topic, keyboard, protection.
import { badRequest } from '../apiError.ts'
import { readKeyboard } from '../markup/keyboard.ts'
import type { Draft } from '../messages.ts'
import type { Chat, StoredMessage, World } from '../model.ts'
import { flagParam, numberParam, objectParam } from '../params.ts'

type Params = Readonly<Record<string, unknown>>

/** Where the message goes and what hangs on it; a topic that is not there or a missing reply target is refused. */
export function readSendOptions(world: World, { chat, params }: { chat: Chat; params: Params }): Draft {
  const replyTo = readReply(chat, params)
  return {
    // A channel's posts have no person behind them.
    from: chat.type === 'channel' ? undefined : world.bot,
    senderChat: chat.type === 'channel' ? chat : undefined,
    threadId: readThread(chat, params) ?? replyTo?.threadId,
    replyTo,
    keyboard: readKeyboard(params, { chatType: chat.type }),
    extra: {
      has_protected_content: flagParam(params, 'protect_content') ? true : undefined,
      link_preview_options: objectParam(params, 'link_preview_options'),
    },
  }
}

/** General is the topic without a number: naming it by its 1 is refused, as on Telegram. */
function readThread(chat: Chat, params: Params): number | undefined {
  const threadId = numberParam(params, 'message_thread_id')
  if (threadId === undefined || threadId === 0) return undefined
  if (!chat.topics?.has(threadId)) throw badRequest('message thread not found')
  return threadId
}

function readReply(chat: Chat, params: Params): StoredMessage | undefined {
  const reply = objectParam(params, 'reply_parameters')
  const id = reply ? numberParam(reply, 'message_id') : numberParam(params, 'reply_to_message_id')
  if (id === undefined) return undefined
  const message = chat.messages.get(id)
  if (!message && !flagParam(reply ?? params, 'allow_sending_without_reply'))
    throw badRequest('message to be replied not found')
  return message
}
