// The commands that each platform offers, from what the bot registered there.
import { type Json, objects, textOf } from '../discord/json.ts'
import type { Discord } from '../discord/startDiscord.ts'
import type { Telegram } from '../telegram/startTelegram.ts'
import type { PageCommand, PageOption } from './protocol.ts'

/** The menu of Telegram: the newest list for private chats and for groups, else the default one. */
export function telegramCommands(telegram: Telegram): PageCommand[] {
  const lists = { group: listFor(telegram, 'all_group_chats'), private: listFor(telegram, 'all_private_chats') }
  const names = new Map([...lists.private, ...lists.group].map((one) => [textOf(one.command), textOf(one.description)]))
  return [...names].map(([name, description]) => ({
    name,
    description,
    where: (['group', 'private'] as const).filter((where) => lists[where].some(({ command }) => command === name)),
    options: [],
  }))
}

function listFor(telegram: Telegram, scope: string): Json[] {
  const calls = telegram.calls('setMyCommands').map(({ params }) => ({
    scope: textOf(asObject(params.scope).type) || 'default',
    list: objects(typeof params.commands === 'string' ? JSON.parse(params.commands) : params.commands),
  }))
  const of = (wanted: string) => calls.findLast((call) => call.scope === wanted)?.list
  return of(scope) ?? of('default') ?? []
}

const asObject = (value: unknown): Json => (typeof value === 'string' ? JSON.parse(value) : (value ?? {})) as Json

/** The slash commands of Discord. */
export function discordCommands(discord: Discord): PageCommand[] {
  return discord.commands().map((command) => ({
    name: textOf(command.name),
    description: textOf(command.description),
    where: (Array.isArray(command.contexts) ? command.contexts : [0, 1]).flatMap((context) =>
      context === 0 ? (['group'] as const) : context === 1 ? (['private'] as const) : [],
    ),
    options: objects(command.options).map(optionOf),
  }))
}

const KINDS: Readonly<Record<number, PageOption['kind']>> = { 4: 'whole', 5: 'switch', 6: 'person', 10: 'number' }

function optionOf(option: Json): PageOption {
  return {
    name: textOf(option.name),
    description: textOf(option.description),
    kind: KINDS[Number(option.type)] ?? 'text',
    isRequired: option.required === true,
    completes: option.autocomplete === true,
    min: typeof option.min_value === 'number' ? option.min_value : undefined,
    max: typeof option.max_value === 'number' ? option.max_value : undefined,
    choices: objects(option.choices).map(({ name, value }) => ({
      name: textOf(name),
      value: typeof value === 'number' ? value : textOf(value),
    })),
  }
}
