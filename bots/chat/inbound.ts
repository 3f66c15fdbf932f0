// What reaches Necto from a chat: who spoke, where, and what they want; platform words end at the adapter.
import { z } from 'zod'

export const platform = z.enum(['telegram', 'discord', 'terminal'])
export type Platform = z.output<typeof platform>

/** Who speaks. Only kind 'user' may do anything; roles hang on (platform, userId), never on a name. */
export const principalSchema = z.strictObject({
  platform,
  userId: z.string(),
  /** Display name without bidi and zero-width characters. */
  label: z.string(),
  kind: z.enum(['user', 'anonymous', 'channel', 'bot']),
})
export type Principal = z.output<typeof principalSchema>

/** Where it was said. */
export const placeSchema = z.strictObject({
  platform,
  chatId: z.string(),
  threadId: z.string().optional(),
  /** What its channels belong to, where a platform has such: the Discord server, which is the team. */
  spaceId: z.string().optional(),
  isPrivate: z.boolean(),
  title: z.string(),
})
export type Place = z.output<typeof placeSchema>

/** A message of ours that can be edited later. */
export const messageRefSchema = z.strictObject({
  platform,
  chatId: z.string(),
  threadId: z.string().optional(),
  messageId: z.string(),
  /** Whose pace holds for edits, known from the ref alone after a restart. */
  isPrivate: z.boolean(),
})
export type MessageRef = z.output<typeof messageRefSchema>

const common = {
  /** `tg:<update id>`, `dc:<interaction id>` or `tm:<run>-<line>`: handled once, whatever is redelivered. */
  key: z.string(),
  principal: principalSchema,
  place: placeSchema,
}

/** One event. `text` is what followed the command word, as typed. */
export const inboundSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('command'),
    ...common,
    name: z.string(),
    text: z.string(),
    /** Whom it is about: the person mentioned, or whose message it answers. */
    about: z.strictObject({ userId: z.string(), label: z.string() }).optional(),
    message: messageRefSchema,
  }),
  z.strictObject({
    kind: z.literal('action'),
    ...common,
    token: z.string(),
    callbackId: z.string(),
    message: messageRefSchema,
  }),
  /** A form sent off; `token` is that of the form's action. */
  z.strictObject({
    kind: z.literal('form'),
    ...common,
    token: z.string(),
    callbackId: z.string(),
    values: z.record(z.string(), z.string()),
    /** The message with the button that opened it. */
    message: messageRefSchema,
  }),
  /** What somebody wrote in a private chat without a command: the answer to a question. Text in groups is discarded unread. */
  z.strictObject({
    kind: z.literal('text'),
    ...common,
    text: z.string(),
    message: messageRefSchema,
  }),
])
export type Inbound = z.output<typeof inboundSchema>

/** The bot's own coming and going in a group. */
export interface Membership {
  readonly place: Place
  readonly isIn: boolean
}
