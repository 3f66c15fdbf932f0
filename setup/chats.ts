// The bots: their tokens, checked by asking each platform who they are.
import type { DiscordAccount } from '../bots/discord/account.ts'
import type { TelegramAccount } from '../bots/telegram/account.ts'
import { NectoError } from '../core/errors.ts'
import type { Dialog } from './dialog.ts'

/** Where a token is shown to whom it belongs; given, so that this needs no platform's library. */
export interface ChatAccounts {
  telegram(token: string, apiRoot: string): Promise<TelegramAccount>
  discord(token: string, apiRoot: string): Promise<DiscordAccount>
}

export interface Bots {
  readonly telegram: TelegramAccount | undefined
  readonly discord: DiscordAccount | undefined
}

const TELEGRAM_HELP =
  'Telegram: open https://t.me/BotFather, send /newbot, copy the token. What you paste is not shown.'
const DISCORD_HELP =
  'Discord: https://discord.com/developers/applications, New Application, page Bot, Reset Token, copy it.'

/** Asks for both tokens; either may be left out, not both. */
export async function askChats(dialog: Dialog, accounts: ChatAccounts): Promise<Bots> {
  for (;;) {
    const bots = { telegram: await askTelegram(dialog, accounts), discord: await askDiscord(dialog, accounts) }
    const isGiven = ['TELEGRAM_BOT_TOKEN', 'DISCORD_BOT_TOKEN'].some((key) => dialog.answers.get(key) !== undefined)
    if (isGiven) return bots
    if (dialog.mode !== 'ask') {
      dialog.miss('TELEGRAM_BOT_TOKEN or DISCORD_BOT_TOKEN')
      return bots
    }
    dialog.fault('Necto needs one of the two at least.')
  }
}

async function askTelegram(dialog: Dialog, accounts: ChatAccounts): Promise<TelegramAccount | undefined> {
  const apiRoot = dialog.answers.get('TELEGRAM_API_ROOT') ?? 'https://api.telegram.org'
  let account: TelegramAccount | undefined
  await dialog.ask({
    key: 'TELEGRAM_BOT_TOKEN',
    label: 'Telegram bot token',
    help: TELEGRAM_HELP,
    without: 'no Telegram',
    async check(token) {
      if (!/^\d+:[\w-]{20,}$/.test(token))
        throw new NectoError('setup.token', 'A bot token looks like 123456789:AAF… with no spaces. Copy it again.')
      account = await accounts.telegram(token, apiRoot)
      if (!account.canJoinGroups)
        throw new NectoError(
          'setup.groups',
          `@${account.username} may not join groups. BotFather: /setjoingroups, Enable; then try again.`,
          { retry: 'later' },
        )
      return `Telegram bot @${account.username}`
    },
  })
  if (account?.readsAllMessages)
    dialog.note('It reads every message of its groups and needs not: BotFather, /setprivacy, Enable.')
  return account
}

async function askDiscord(dialog: Dialog, accounts: ChatAccounts): Promise<DiscordAccount | undefined> {
  const apiRoot = dialog.answers.get('DISCORD_API_ROOT') ?? 'https://discord.com/api'
  let account: DiscordAccount | undefined
  await dialog.ask({
    key: 'DISCORD_BOT_TOKEN',
    label: 'Discord bot token',
    help: DISCORD_HELP,
    without: 'no Discord',
    async check(token) {
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token))
        throw new NectoError(
          'setup.token',
          'A bot token has three parts with dots between. Copy it again: page Bot, not OAuth2.',
        )
      account = await accounts.discord(token, apiRoot)
      return `Discord bot ${account.username}, application ${account.applicationId}`
    },
  })
  if (account && !account.isPublic)
    dialog.note('Only you can add it to servers: page Bot, Public Bot, if others shall too.')
  return account
}
