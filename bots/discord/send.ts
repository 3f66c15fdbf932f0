// Our messages to Discord: send, edit, delete; by an interaction's token while it lives, else by the channel.
import { MessageFlags, RequestMethod, Routes } from 'discord.js'
import { z } from 'zod'
import type { Log } from '../../core/log.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import type { ChatPort } from '../chat/port.ts'
import type { View } from '../chat/view.ts'
import type { createAnswers } from './answers.ts'
import { type Calls, idIn } from './calls.ts'
import { mapError, sortFailure } from './mapError.ts'
import { messageRef, privateChat } from './receive.ts'
import { type DiscordMessage, renderDiscord } from './render.ts'

type Where = Pick<Place, 'chatId' | 'threadId' | 'isPrivate'>
const withOwner = z.object({ owner_id: z.string() })

/** Sends through our own calls; every one ends within their time limit. */
export function createSender(options: {
  calls: Calls
  answers: ReturnType<typeof createAnswers>
  log: Log
  isAllowedLink(url: string): boolean
  /** For Discord to know a message sent twice. */
  newNonce(): string
}) {
  const { calls, answers, log, isAllowedLink, newNonce } = options
  const privateChannels = new Map<string, string>()

  function render(view: View): DiscordMessage {
    const message = renderDiscord(view, isAllowedLink)
    if (message.refusedButtons.length > 0) {
      log.error({ msg: 'buttons refused by the renderer', labels: message.refusedButtons })
    }
    return message
  }

  /** The channel behind a place; a person's private one is opened when it is first needed. */
  async function channelOf({ chatId, threadId, isPrivate }: Where): Promise<string> {
    if (!isPrivate) return threadId ?? chatId
    const known = privateChannels.get(chatId)
    if (known !== undefined) return known
    const method = 'opening a private chat'
    try {
      const body = { recipient_id: chatId }
      const route = Routes.userChannels()
      const id = idIn(await calls.run({ method: RequestMethod.Post, route, body, isRepeatable: true }), method)
      privateChannels.set(chatId, id)
      return id
    } catch (thrown) {
      throw mapError(thrown, { method, isRepeatable: true })
    }
  }

  async function post(
    where: Where,
    { body, files }: DiscordMessage,
    { replyTo, silent }: { replyTo?: string | undefined; silent?: boolean | undefined },
  ): Promise<string> {
    const channelId = await channelOf(where)
    const call = { method: 'sending', isRepeatable: false }
    try {
      const answer = await calls.run({
        method: RequestMethod.Post,
        route: Routes.channelMessages(channelId),
        body: {
          ...body,
          flags: body.flags | (silent ? MessageFlags.SuppressNotifications : 0),
          nonce: newNonce(),
          enforce_nonce: true,
          ...(replyTo !== undefined && { message_reference: { message_id: replyTo, fail_if_not_exists: false } }),
        },
        files,
        // By its nonce Discord knows a message that came before and whose answer was lost.
        isRepeatable: true,
      })
      return idIn(answer, call.method)
    } catch (thrown) {
      if (sortFailure(thrown, call).kind === 'no-history' && replyTo !== undefined) {
        return post(where, { body, files, refusedButtons: [] }, { silent })
      }
      throw mapError(thrown, call)
    }
  }

  return {
    render,
    /** The channel of somebody who wrote to the bot in private. */
    knowPrivateChannel: (userId: string, channelId: string): void => void privateChannels.set(userId, channelId),
    async send(place: Place, view: View, more: Parameters<ChatPort['send']>[2] = {}): Promise<MessageRef> {
      const { replyTo, silent } = more
      const message = render(view)
      // Only one person sees what it answers; so it is with the answer, there or in private.
      const isForOne = replyTo?.isPrivate === true && !place.isPrivate
      const where = isForOne ? privateChat(replyTo.chatId) : place
      if (replyTo) {
        const said =
          (await answers.say(replyTo.messageId, message)) ??
          (isForOne ? await answers.sayBelow(replyTo.messageId, message) : undefined)
        if (said !== undefined) return messageRef({ ...where, platform: 'discord' }, said)
      }
      // What cannot be quoted there, such as an interaction, is left out by Discord.
      const quoted = replyTo?.chatId === where.chatId ? replyTo.messageId : undefined
      return messageRef({ ...where, platform: 'discord' }, await post(where, message, { replyTo: quoted, silent }))
    },
    async edit(ref: MessageRef, view: View): ReturnType<ChatPort['edit']> {
      const message = render(view)
      const edited = await answers.edit(ref.messageId, message)
      if (edited !== undefined) return edited
      const call = { method: 'editing', isRepeatable: true }
      try {
        const route = Routes.channelMessage(await channelOf(ref), ref.messageId)
        await calls.run({ method: RequestMethod.Patch, route, ...message, isRepeatable: true })
        return 'edited'
      } catch (thrown) {
        const failure = sortFailure(thrown, call)
        if (failure.kind === 'gone') return 'gone'
        const error = mapError(thrown, call)
        if (error.code === 'chat.unreachable') return 'gone'
        throw error
      }
    },
    async remove(ref: MessageRef): Promise<boolean> {
      if (await answers.remove(ref.messageId)) return true
      const call = { method: 'deleting', isRepeatable: true }
      try {
        const route = Routes.channelMessage(await channelOf(ref), ref.messageId)
        await calls.run({ method: RequestMethod.Delete, route, isRepeatable: true })
        return true
      } catch (thrown) {
        const error = mapError(thrown, call)
        if (error.retry === 'later') throw error
        return false
      }
    },
    /** In a server its owner; a person in their own private chat. */
    async isCreator(place: Place, { userId }: { userId: string }): Promise<boolean> {
      if (place.isPrivate) return place.chatId === userId
      if (place.spaceId === undefined) return false
      const call = { method: 'reading the server', isRepeatable: true }
      try {
        const guild = withOwner.safeParse(
          await calls.run({ method: RequestMethod.Get, route: Routes.guild(place.spaceId), isRepeatable: true }),
        )
        return guild.success && guild.data.owner_id === userId
      } catch (thrown) {
        const error = mapError(thrown, call)
        if (error.retry === 'later') throw error
        return false
      }
    },
    /** In a server whoever has not left it, or was not shown the door. */
    async isMember(place: Place, { userId }: { userId: string }): Promise<boolean> {
      if (place.isPrivate) return place.chatId === userId
      if (place.spaceId === undefined) return false
      const route = Routes.guildMember(place.spaceId, userId)
      try {
        await calls.run({ method: RequestMethod.Get, route, isRepeatable: true })
        return true
      } catch (thrown) {
        const error = mapError(thrown, { method: 'reading a member', isRepeatable: true })
        if (error.retry === 'later') throw error
        return false
      }
    },
  }
}
