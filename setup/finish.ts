// The end of setting up: menus registered, links to invite the bots, and what is left for people to do.
import type { CommandSpec } from '../bots/chat/commandSpec.ts'
import { errorText } from '../core/errors.ts'
import type { Bots } from './chats.ts'
import type { Dialog } from './dialog.ts'

// View Channel, Send Messages, Embed Links, Attach Files, Send Messages in Threads; never Administrator.
const DISCORD_PERMISSIONS = (1n << 10n) | (1n << 11n) | (1n << 14n) | (1n << 15n) | (1n << 38n)

/** Tells the platforms our commands; a menu that could not be set is no fault, `necto start` sets it again. */
export async function registerCommands(dialog: Dialog, bots: Bots, table: readonly CommandSpec[]): Promise<void> {
  if (bots.discord) dialog.note('Discord is told the commands by necto start')
  if (!bots.telegram) return
  try {
    await bots.telegram.setCommands(table)
    dialog.good(`Telegram shows ${table.length} commands`)
  } catch (error) {
    dialog.note(`Telegram's menu was not set (${errorText(error)}); necto start sets it.`)
  }
}

/** Where the bots are added to a group or a server. */
export function inviteLinks({ telegram, discord }: Bots): string[] {
  return [
    telegram && `Telegram: https://t.me/${telegram.username}?startgroup=necto`,
    discord &&
      `Discord:  https://discord.com/oauth2/authorize?client_id=${discord.applicationId}&scope=bot+applications.commands&permissions=${DISCORD_PERMISSIONS}`,
  ].filter((line) => line !== undefined)
}
