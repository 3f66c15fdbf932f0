// Does on the platforms what somebody did at the page, as the person they play.
import type { OptionValue } from '../discord/people/typedOptions.ts'
import type { Discord } from '../discord/startDiscord.ts'
import type { createDiscordChats } from '../discordChats.ts'
import type { Telegram } from '../telegram/startTelegram.ts'
import type { createTelegramChats } from '../telegramChats.ts'
import { pageForm } from './pageForm.ts'
import type { Rooms } from './people.ts'
import type { Action, ActionReply } from './protocol.ts'

interface Platforms {
  readonly telegram: Telegram
  readonly discord: Discord
  readonly onTelegram: ReturnType<typeof createTelegramChats>
  readonly onDiscord: ReturnType<typeof createDiscordChats>
  readonly rooms: Rooms
}

type Of<Do extends Action['do']> = Extract<Action, { do: Do }>

/** Answers once the bot did, or with what the app would not let a person do; never throws. */
export function createHands(platforms: Platforms): (action: Action) => Promise<ActionReply> {
  const { telegram, discord, onTelegram, onDiscord, rooms } = platforms

  function telegramRoom(id: string) {
    return rooms.telegram(id) ?? nowhere()
  }
  function discordRoom(id: string) {
    return rooms.discord(id) ?? nowhere()
  }
  const discordPerson = ({ person }: Pick<Action, 'person'>) => onDiscord.cast[person]
  const of = (outcome: Awaited<ReturnType<Discord['command']>>): ActionReply => ({
    ok: true,
    url: outcome.url,
    form: outcome.modal && pageForm(outcome.modal),
  })

  async function act(action: Action): Promise<ActionReply> {
    switch (action.do) {
      case 'say':
        return say(action)
      case 'press':
        return press(action)
      case 'choose': {
        const on = { chatId: action.chatId, messageId: action.messageId }
        return of(await discord.select(discordPerson(action), on, action.data, action.chosen))
      }
      case 'command': {
        const room = discordRoom(action.chatId)
        return of(await discord.command(discordPerson(action), room, action.name, discordValues(action)))
      }
      case 'suggest': {
        const { name, focused } = action
        const room = discordRoom(action.chatId)
        const choices = await discord.autocomplete(discordPerson(action), room, name, discordValues(action), focused)
        return { ok: true, choices: choices ?? [] }
      }
      case 'submit':
        return of(await discord.submitModal(discordPerson(action), action.values))
    }
  }

  function say({ platform, person, chatId, text }: Of<'say'>): ActionReply {
    if (platform === 'discord') throw new Error('Here the bot hears slash commands only: type / and choose one.')
    telegram.say(onTelegram.cast[person], telegramRoom(chatId), text)
    return { ok: true }
  }

  async function press(action: Of<'press'>): Promise<ActionReply> {
    const { platform, person, chatId, messageId, data } = action
    if (platform === 'discord') return of(await discord.press(discordPerson(action), { chatId, messageId }, data))
    const on = { chatId: Number(chatId), messageId: Number(messageId) }
    const { answered, url } = await telegram.press(onTelegram.cast[person], on, data)
    if (!answered && url === undefined) return { ok: false, why: 'The bot did not answer this press.' }
    return { ok: true, url }
  }

  /** People are named by their key in the cast. */
  function discordValues({ name, values }: Of<'command'> | Of<'suggest'>): Record<string, OptionValue> {
    const command = discord.commands().find((one) => one.name === name)
    const options = Array.isArray(command?.options) ? command.options : []
    return Object.fromEntries(
      Object.entries(values).map(([option, value]) => {
        const isPerson = options.some((one) => one.name === option && one.type === 6)
        const person = Object.entries(onDiscord.cast).find(([key]) => key === value)?.[1]
        return [option, isPerson && person ? person : value]
      }),
    )
  }

  return async (action) => {
    try {
      return await act(action)
    } catch (error) {
      return { ok: false, why: error instanceof Error ? error.message : String(error) }
    }
  }
}

function nowhere(): never {
  throw new Error('There is no such chat.')
}
