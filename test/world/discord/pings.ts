// Who a message would ping: the mentions in its text that allowed_mentions and the bot's rights let through.
import { isObject, objects, textOf } from './json.ts'
import type { MessageBody, StoredMessage, World } from './model.ts'
import { may, permission } from './permissions.ts'

export interface Pings {
  /** @everyone or @here. */
  readonly everyone: boolean
  readonly userIds: readonly string[]
  readonly roleIds: readonly string[]
}

/** Of any visible state of a message; an edit notifies nobody, but what it would ping is still highlighted. */
export function pingsOf(world: World, message: Omit<StoredMessage, 'id' | 'atMs'>): Pings {
  const { channel, body, replyTo, author } = message
  const { allowedMentions } = body
  // What stands in code is no mention.
  const text = readableTexts(body)
    .join('\n')
    .replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '')
  const allows = (kind: 'users' | 'roles', id: string) =>
    allowedMentions === undefined || listed(allowedMentions.parse, kind) || listed(allowedMentions[kind], id)
  const mayPingAll = may(author, channel, permission.mentionEveryone)
  const roles = channel.guild?.roles ?? new Map()
  const pingsReplied = allowedMentions === undefined || allowedMentions.replied_user === true
  const repliedTo = pingsReplied && replyTo && replyTo.author !== author ? [replyTo.author.id] : []
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, id = '']) => id)
  return {
    everyone:
      mayPingAll &&
      /@(everyone|here)/.test(text) &&
      (allowedMentions === undefined || listed(allowedMentions.parse, 'everyone')),
    userIds: unique([...found(/<@!?(\d+)>/g).filter((id) => world.users.has(id) && allows('users', id)), ...repliedTo]),
    roleIds: unique(
      found(/<@&(\d+)>/g).filter((id) => allows('roles', id) && (mayPingAll || roles.get(id)?.mentionable === true)),
    ),
  }
}

/** The texts in which Discord looks for mentions: the content, and the text displays of newer components. */
function readableTexts({ content, components }: MessageBody): string[] {
  return [content, ...components.flatMap(displayedTexts)].filter((text) => text !== '')
}

/** The contents of a component's text displays, in reading order. */
export function displayedTexts(component: Record<string, unknown>): string[] {
  const own = component.type === 10 ? [textOf(component.content)] : []
  const accessory = isObject(component.accessory) ? displayedTexts(component.accessory) : []
  return [...own, ...objects(component.components).flatMap(displayedTexts), ...accessory]
}

const listed = (list: unknown, value: string) => Array.isArray(list) && list.includes(value)
const unique = (ids: readonly string[]) => [...new Set(ids)]
