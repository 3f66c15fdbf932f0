// The end of setting up: menus registered, links to invite the bots, and what is left for people to do.
import type { CommandSpec } from '../bots/chat/commandSpec.ts'
import { NectoError } from '../core/errors.ts'
import type { Bots } from './chats.ts'
import type { Dialog } from './dialog.ts'

// View Channel, Send Messages, Embed Links, Attach Files, Send Messages in Threads; never Administrator.
const DISCORD_PERMISSIONS = (1n << 10n) | (1n << 11n) | (1n << 14n) | (1n << 15n) | (1n << 38n)

/** Tells the platforms our commands; one that could not be told is no fault, `necto start` tells it again. */
export async function registerCommands(dialog: Dialog, bots: Bots, table: readonly CommandSpec[]): Promise<void> {
  for (const [name, bot] of [['Telegram', bots.telegram] as const, ['Discord', bots.discord] as const]) {
    if (!bot) continue
    try {
      await bot.setCommands(table)
      dialog.good(`${name} shows ${table.length} commands`)
    } catch (error) {
      dialog.signal.throwIfAborted()
      const why = error instanceof NectoError ? error.message : 'it did not answer'
      dialog.note(`${name} was not told the commands (${why}); necto start does it.`)
    }
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
