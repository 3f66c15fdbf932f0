// What the server remembers of users, guilds, channels and messages; wire.ts turns it into Discord's JSON.
import type { Clock } from '../../../core/clock.ts'
import type { Commands } from './commands.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { Interactions } from './interactions.ts'
import type { Json } from './json.ts'
import type { RateLimits } from './rest/rateLimits.ts'
import type { Transcript } from './transcript.ts'

/** A person or a bot. */
export interface User {
  readonly id: string
  readonly username: string
  /** The name shown. */
  readonly name: string
  readonly isBot: boolean
  readonly locale: string
  /** Whether this user takes no messages from the bot. */
  blocksDms: boolean
  /** Whether this user added the app to their own account, to use it in guilds without the bot. */
  hasInstalledApp: boolean
}

export interface Role {
  readonly id: string
  readonly name: string
  readonly position: number
  readonly mentionable: boolean
  permissions: bigint
}

interface Member {
  readonly user: User
  readonly roles: Set<string>
  readonly joinedAtMs: number
}

/** A server; the role with the guild's own id is @everyone. */
export interface Guild {
  readonly id: string
  readonly name: string
  readonly owner: User
  readonly locale: string
  readonly roles: Map<string, Role>
  readonly members: Map<string, Member>
}

/** A text channel of a guild, or the DM of the bot with `recipient`. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly guild?: Guild | undefined
  readonly recipient?: User | undefined
  /** By role or user id. */
  readonly overwrites: Map<string, { allow: bigint; deny: bigint; readonly isRole: boolean }>
  readonly messages: Map<string, StoredMessage>
}

/** An uploaded file with its bytes; `description` is the text read to who cannot see it. */
export interface Attachment {
  readonly id: string
  readonly name: string
  readonly contentType: string
  readonly bytes: Buffer
  readonly description?: string | undefined
}

/** What a bot writes; embeds and components in Discord's own shape, already checked. */
export interface MessageBody {
  readonly content: string
  readonly embeds: readonly Json[]
  readonly components: readonly Json[]
  readonly attachments: readonly Attachment[]
  readonly flags: number
  /** As it came; undefined when the bot left it out, which lets everything ping. */
  readonly allowedMentions?: Json | undefined
}

/** How a message came about, when an interaction caused it. */
export interface Cause {
  readonly interactionId: string
  readonly type: number
  readonly user: User
  /** The command's name, for commands. */
  readonly name?: string | undefined
}

export interface StoredMessage {
  readonly id: string
  readonly channel: Channel
  readonly author: User
  readonly atMs: number
  /** Ephemeral: nobody else sees it. */
  readonly visibleTo?: User | undefined
  readonly replyTo?: StoredMessage | undefined
  readonly cause?: Cause | undefined
  readonly nonce?: string | undefined
  body: MessageBody
  editedAtMs?: number | undefined
}

export const flag = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  componentsV2: 1 << 15,
} as const

/** Everything one server knows. */
export interface World {
  readonly clock: Clock
  readonly newId: () => string
  readonly applicationId: string
  readonly bot: User
  readonly users: Map<string, User>
  readonly guilds: Map<string, Guild>
  /** Those of guilds and DMs. */
  readonly channels: Map<string, Channel>
  readonly commands: Commands
  readonly interactions: Interactions
  /** The form each person has before them, by user id. */
  readonly modals: Map<string, ShownModal>
  readonly limits: RateLimits
  readonly gateway: Gateway
  readonly transcript: Transcript
}

/** A form that popped up for somebody, in Discord's own shape. */
export interface ShownModal {
  readonly modal: Json
  readonly user: User
  readonly channel: Channel
  /** The message whose button opened it. */
  readonly source?: StoredMessage | undefined
}
