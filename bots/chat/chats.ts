// All platforms as one chat: each call goes to the platform that its place, message or person names.
import { NectoError } from '../../core/errors.ts'
import type { Platform } from './inbound.ts'
import type { Chat, ChatPort } from './port.ts'

/** Throws NectoError 'chat.unreachable' (never) for a platform that is not connected, such as one switched off since. */
export function joinChats(chats: readonly Chat[]): ChatPort {
  const byPlatform = new Map(chats.map((chat) => [chat.platform, chat]))

  function of({ platform }: { platform: Platform }): Chat {
    const chat = byPlatform.get(platform)
    if (!chat) throw new NectoError('chat.unreachable', 'This chat is not connected at present.', { details: platform })
    return chat
  }

  return {
    send: async (place, view, options) => of(place).send(place, view, options),
    edit: async (ref, view) => of(ref).edit(ref, view),
    notice: async (to, text) => of(to.place).notice(to, text),
    whisper: async (to, view) => of(to.place).whisper(to, view),
    askForm: async (to, form) => of(to.place).askForm(to, form),
    remove: async (ref) => of(ref).remove(ref),
    privatePlace: (person) => of(person).privatePlace(person),
    isCreator: async (place, principal) => of(place).isCreator(place, principal),
    isMember: async (place, person) => of(place).isMember(place, person),
    startUrl: (platform, payload) => of({ platform }).startUrl(platform, payload),
  }
}
