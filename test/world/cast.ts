// The people of the story and the chats they sit in.
import type { Telegram } from './telegram/startTelegram.ts'

// Long ids, as real ones are: a short one would be found by chance in any hash.

/** Necto’s operator, who approves sellers. */
export const ADMIN_ID = 5_100_774_401

export type Cast = ReturnType<typeof createCast>

/** A seller, an operator, and a team of two with the bot in its group. */
export function createCast(telegram: Telegram) {
  const admin = telegram.user({ id: ADMIN_ID, firstName: 'Ada' })
  const seller = telegram.user({ id: 5_200_774_402, firstName: 'Selma', username: 'selma_racks' })
  const creator = telegram.user({ id: 5_300_774_403, firstName: 'Boris' })
  const member = telegram.user({ id: 5_400_774_404, firstName: 'Mia', username: 'mia_ml' })
  const team = telegram.group({ title: 'Acme ML', creator, members: [member] })
  telegram.addBot(team, { by: creator })
  return {
    admin,
    seller,
    creator,
    member,
    team,
    adminChat: telegram.privateChat(admin),
    sellerChat: telegram.privateChat(seller),
    memberChat: telegram.privateChat(member),
  }
}
