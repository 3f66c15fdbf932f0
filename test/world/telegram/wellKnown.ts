// Telegram's own accounts that stand in for a hidden sender; each has the same id in every chat on Telegram.
import type { Person } from './model.ts'

/** The sender of what an anonymous admin posts. */
export const groupAnonymousBot: Person = {
  id: 1087968824,
  isBot: true,
  firstName: 'Group',
  username: 'GroupAnonymousBot',
}

/** The sender of what a member posts in a channel's name. */
export const channelBot: Person = { id: 136817688, isBot: true, firstName: 'Channel', username: 'Channel_Bot' }

/** The sender of what a linked channel forwards into its discussion group. */
export const serviceAccount: Person = { id: 777000, isBot: false, firstName: 'Telegram' }
