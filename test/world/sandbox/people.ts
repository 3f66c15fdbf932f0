// The cast as the page shows it: who one can be, in which chats, and who is behind a platform's ids.
import { TEAM } from '../cast.ts'
import type { createDiscordChats } from '../discordChats.ts'
import type { createTelegramChats } from '../telegramChats.ts'
import type { PageChat, PagePerson, PersonKey, PlatformName } from './protocol.ts'

type TelegramChats = ReturnType<typeof createTelegramChats>
type DiscordChats = ReturnType<typeof createDiscordChats>
type Room = TelegramChats['cast']['team'] | DiscordChats['cast']['team']

export const PEOPLE_SHOWN: readonly PagePerson[] = [
  { key: 'member', name: 'Mia', role: 'team member' },
  { key: 'creator', name: 'Boris', role: 'team owner' },
  { key: 'seller', name: 'Selma', role: 'GPU seller' },
  { key: 'admin', name: 'Ada', role: 'operator' },
]

export interface Rooms {
  readonly shown: readonly PageChat[]
  telegram(id: string): TelegramChats['cast']['team'] | undefined
  discord(id: string): DiscordChats['cast']['team'] | undefined
  /** The person of the cast with this id on the platform. */
  keyOf(platform: PlatformName, id: string | number | undefined): PersonKey | undefined
}

/** Every chat of the cast: the team's and one private chat each. */
export function createRooms(telegram: TelegramChats, discord: DiscordChats): Rooms {
  const casts = { telegram: telegram.cast, discord: discord.cast }
  const rooms = new Map<string, Room>()
  const shown: PageChat[] = []
  const add = (room: Room, chat: Omit<PageChat, 'id'>) => {
    rooms.set(`${chat.platform}/${room.id}`, room)
    shown.push({ ...chat, id: String(room.id) })
  }
  const team = { isPrivate: false, people: ['member', 'creator'] } as const
  add(telegram.cast.team, { platform: 'telegram', title: TEAM, ...team })
  add(discord.cast.team, { platform: 'discord', title: discord.cast.team.name, ...team })
  for (const { key } of PEOPLE_SHOWN) {
    add(telegram.privateChat(telegram.cast[key]), {
      platform: 'telegram',
      title: 'Necto',
      isPrivate: true,
      people: [key],
    })
    add(discord.privateChat(discord.cast[key]), { platform: 'discord', title: 'Necto', isPrivate: true, people: [key] })
  }
  return {
    shown,
    telegram: (id) => rooms.get(`telegram/${id}`) as TelegramChats['cast']['team'] | undefined,
    discord: (id) => rooms.get(`discord/${id}`) as DiscordChats['cast']['team'] | undefined,
    keyOf: (platform, id) => PEOPLE_SHOWN.find(({ key }) => String(casts[platform][key].id) === String(id))?.key,
  }
}
