// Every method the server knows, by its lower-case name: the Bot API does not mind case.
import { answerCallbackQuery } from './answerCallbackQuery.ts'
import { getChat, getChatAdministrators, getChatMember, sendChatAction } from './chats.ts'
import { deleteMessage } from './deleteMessage.ts'
import { editMessageCaption, editMessageMedia, editMessageReplyMarkup, editMessageText } from './editMessage.ts'
import type { Method } from './method.ts'
import {
  deleteMyCommands,
  getMe,
  getMyCommands,
  getMyDescription,
  getMyShortDescription,
  setMyCommands,
  setMyDescription,
  setMyShortDescription,
} from './profile.ts'
import { deleteWebhook, getUpdates, getWebhookInfo, setWebhook } from './receive.ts'
import { sendDocument, sendPhoto } from './sendFile.ts'
import { sendMessage } from './sendMessage.ts'

/** The method of this name in any case, or undefined. */
export const findMethod = (name: string): Method | undefined => methods.get(name.toLowerCase())

const methods = new Map<string, Method>(
  Object.entries({
    answerCallbackQuery,
    deleteMessage,
    deleteMyCommands,
    deleteWebhook,
    editMessageCaption,
    editMessageMedia,
    editMessageReplyMarkup,
    editMessageText,
    getChat,
    getChatAdministrators,
    getChatMember,
    getMe,
    getMyCommands,
    getMyDescription,
    getMyShortDescription,
    getUpdates,
    getWebhookInfo,
    sendChatAction,
    sendDocument,
    sendMessage,
    sendPhoto,
    setMyCommands,
    setMyDescription,
    setMyShortDescription,
    setWebhook,
  }).map(([name, method]) => [name.toLowerCase(), method]),
)
