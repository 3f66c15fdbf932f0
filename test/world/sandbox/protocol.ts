// What the sandbox's page and its server say to each other.
import { z } from 'zod'
import type { Cast } from '../chatWorld.ts'
import type { Entity } from '../telegram/model.ts'

export type PlatformName = 'telegram' | 'discord'

const PEOPLE_KEYS = ['member', 'creator', 'seller', 'admin'] as const satisfies readonly (keyof Cast<
  unknown,
  unknown
>)[]
export type PersonKey = (typeof PEOPLE_KEYS)[number]

export interface PagePerson {
  readonly key: PersonKey
  readonly name: string
  readonly role: string
}

export interface PageChat {
  readonly platform: PlatformName
  readonly id: string
  readonly title: string
  readonly isPrivate: boolean
  /** Who sits in it. */
  readonly people: readonly PersonKey[]
}

export interface PageButton {
  readonly label: string
  readonly data?: string | undefined
  readonly url?: string | undefined
  readonly copyText?: string | undefined
  readonly look?: string | undefined
  readonly isDisabled?: boolean | undefined
}

interface PageMenu {
  readonly data: string
  readonly placeholder: string
  readonly options: readonly { readonly label: string; readonly value: string }[]
}

/** One message as it stands now. */
export interface PageMessage {
  readonly platform: PlatformName
  readonly chatId: string
  readonly id: string
  readonly atMs: number
  readonly from: string
  readonly fromBot: boolean
  /** The person of the cast who wrote it. */
  readonly by?: PersonKey | undefined
  /** Telegram: plain, styled by `entities`. Discord: its markdown. */
  readonly text: string
  readonly entities: readonly Entity[]
  readonly buttons: readonly (readonly PageButton[])[]
  readonly menus: readonly PageMenu[]
  readonly pictures: readonly { readonly url: string; readonly alt: string }[]
  readonly isEdited: boolean
  readonly isThinking: boolean
  /** Who alone sees it. */
  readonly onlyFor?: PersonKey | undefined
  /** "Mia used /job", above an answer. */
  readonly command?: string | undefined
  readonly replyTo?: string | undefined
}

/** One option of a slash command. */
export interface PageOption {
  readonly name: string
  readonly description: string
  readonly kind: 'text' | 'whole' | 'number' | 'person' | 'switch'
  readonly isRequired: boolean
  readonly completes: boolean
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly choices: readonly { readonly name: string; readonly value: string | number }[]
}

export interface PageCommand {
  readonly name: string
  readonly description: string
  readonly where: readonly ('group' | 'private')[]
  readonly options: readonly PageOption[]
}

/** All that the page shows, sent when it connects. */
export interface PageState {
  readonly people: readonly PagePerson[]
  readonly chats: readonly PageChat[]
  readonly messages: readonly PageMessage[]
  readonly commands: Readonly<Record<PlatformName, readonly PageCommand[]>>
}

export type PageEvent =
  | ({ readonly kind: 'state' } & PageState)
  | { readonly kind: 'message'; readonly message: PageMessage }
  | { readonly kind: 'gone'; readonly platform: PlatformName; readonly chatId: string; readonly id: string }
  | {
      readonly kind: 'toast'
      readonly platform: PlatformName
      readonly person: PersonKey | undefined
      readonly text: string
      /** A box that waits to be closed, rather than a word that fades. */
      readonly isAlert: boolean
    }

/** A field of a form that a platform shows as a dialog. */
export interface PageField {
  readonly id: string
  readonly label: string
  readonly help: string
  readonly kind: 'line' | 'text' | 'choice' | 'choices' | 'switch'
  readonly value: string
  readonly placeholder: string
  readonly isRequired: boolean
  readonly maxLength?: number | undefined
  readonly options: readonly { readonly label: string; readonly value: string; readonly isChosen: boolean }[]
}

export interface PageForm {
  readonly title: string
  readonly fields: readonly PageField[]
}

const person = z.enum(PEOPLE_KEYS)
const platform = z.enum(['telegram', 'discord'])
const on = { platform, person, chatId: z.string() }
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

/** What somebody does at the page. */
export const actionSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('say'), ...on, text: z.string().min(1).max(4096) }),
  z.object({ do: z.literal('press'), ...on, messageId: z.string(), data: z.string() }),
  z.object({ do: z.literal('choose'), ...on, messageId: z.string(), data: z.string(), chosen: z.array(z.string()) }),
  z.object({ do: z.literal('command'), ...on, name: z.string(), values }),
  z.object({ do: z.literal('suggest'), ...on, name: z.string(), values, focused: z.string() }),
  z.object({
    do: z.literal('submit'),
    person,
    values: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.boolean()])),
  }),
])
export type Action = z.output<typeof actionSchema>

export type ActionReply =
  | {
      readonly ok: true
      readonly url?: string | undefined
      readonly form?: PageForm | undefined
      readonly choices?: readonly { readonly name: string; readonly value: string | number }[] | undefined
    }
  /** What the app would not let a person do, or what did not work. */
  | { readonly ok: false; readonly why: string }
