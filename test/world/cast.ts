// The people of the story and the chats they sit in.
import type { Telegram } from './telegram/startTelegram.ts'

/** Necto's operator, who approves sellers. */
export const ADMIN_ID = 1001

export type Cast = ReturnType<typeof createCast>

/** A seller, an operator, and a team of two with the bot in its group. */
export function createCast(telegram: Telegram) {
  const admin = telegram.user({ id: ADMIN_ID, firstName: 'Ada' })
  const seller = telegram.user({ id: 2002, firstName: 'Selma', username: 'selma_racks' })
  const creator = telegram.user({ id: 3003, firstName: 'Boris' })
  const member = telegram.user({ id: 4004, firstName: 'Mia', username: 'mia_ml' })
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
