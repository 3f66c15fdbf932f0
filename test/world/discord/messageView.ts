// A message as people see it: one text, rows of buttons, choices, files, and who of the channel sees it at all.
import { isObject, type Json, objects, textOf } from './json.ts'
import { flag, type MessageBody, type StoredMessage, type World } from './model.ts'
import { displayedTexts, type Pings, pingsOf } from './pings.ts'

/** A button as a person sees it; `data` is the custom_id behind it. */
export interface ButtonView {
  readonly text: string
  readonly data?: string | undefined
  readonly url?: string | undefined
  readonly style?: string | undefined
  readonly disabled: boolean
}

/** A menu to choose from. */
interface SelectView {
  readonly data: string
  readonly placeholder: string
  readonly options: readonly { readonly label: string; readonly value: string }[]
}

interface FileView {
  readonly name: string
  readonly description?: string | undefined
  readonly bytes: Buffer
}

export interface MessageView {
  readonly chatId: string
  readonly messageId: string
  /** Who is shown as the sender, and their id. */
  readonly from: string
  readonly fromId: string
  readonly fromBot: boolean
  /** All a person reads: content, then embeds, then text components, line by line. */
  readonly text: string
  readonly buttons: readonly (readonly ButtonView[])[]
  readonly selects: readonly SelectView[]
  readonly files: readonly FileView[]
  /** "Necto is thinking…": deferred, nothing said yet. */
  readonly thinking: boolean
  /** Shows the mark "(edited)". */
  readonly edited: boolean
  /** Sent without a sound or badge. */
  readonly silent: boolean
  /** The only one who sees it, of an ephemeral message; undefined = all who see the channel. */
  readonly visibleTo?: string | undefined
  readonly replyToId?: string | undefined
  /** The command the message answers, as the app shows it above. */
  readonly command?: string | undefined
  /** Who ran it. */
  readonly commandBy?: string | undefined
  readonly flags: number
  readonly embeds: readonly Json[]
  readonly allowedMentions?: Json | undefined
  readonly pings: Pings
}

/** How a message looks now. */
export function describeMessage(world: World, message: StoredMessage): MessageView {
  const { id, channel, author, body, visibleTo, replyTo, cause, editedAtMs } = message
  return {
    chatId: channel.id,
    messageId: id,
    from: author.name,
    fromId: author.id,
    fromBot: author.isBot,
    text: textOfBody(body),
    buttons: buttonRows(body.components),
    selects: allComponents(body.components).filter(isSelect).map(selectView),
    files: body.attachments.map(({ name, description, bytes }) => ({ name, description, bytes })),
    thinking: (body.flags & flag.loading) !== 0,
    edited: editedAtMs !== undefined,
    silent: (body.flags & flag.suppressNotifications) !== 0,
    visibleTo: visibleTo?.id,
    replyToId: replyTo?.id,
    command: cause?.name,
    commandBy: cause?.name === undefined ? undefined : cause.user.name,
    flags: body.flags,
    embeds: body.embeds,
    allowedMentions: body.allowedMentions,
    pings: pingsOf(world, message),
  }
}

/** Every component of a message, those inside others after them. */
export function allComponents(components: readonly Json[]): Json[] {
  return components.flatMap((component) => [
    component,
    ...allComponents(objects(component.components)),
    ...(isObject(component.accessory) ? [component.accessory] : []),
  ])
}

export const isSelect = ({ type }: Json) => typeof type === 'number' && [3, 5, 6, 7, 8].includes(type)

function textOfBody({ content, embeds, components }: MessageBody): string {
  return [content, ...embeds.flatMap(embedLines), ...components.flatMap(displayedTexts)]
    .filter((text) => text !== '')
    .join('\n')
}

function embedLines(embed: Json): string[] {
  const { author, title, description, fields, footer } = embed
  return [
    isObject(author) ? textOf(author.name) : '',
    textOf(title),
    textOf(description),
    ...objects(fields).map(({ name, value }) => `${textOf(name)}: ${textOf(value)}`),
    isObject(footer) ? textOf(footer.text) : '',
  ]
}

function buttonRows(components: readonly Json[]): ButtonView[][] {
  return allComponents(components)
    .map((component) => {
      if (isObject(component.accessory)) return [component.accessory]
      return component.type === 1 ? objects(component.components) : []
    })
    .map((row) => row.filter(({ type }) => type === 2).map(buttonView))
    .filter((row) => row.length > 0)
}

const styles = ['', 'primary', 'secondary', 'success', 'danger', 'link']

function buttonView({ label, emoji, custom_id, url, style, disabled }: Json): ButtonView {
  return {
    text: [isObject(emoji) ? textOf(emoji.name) : '', textOf(label)].filter((part) => part !== '').join(' '),
    data: typeof custom_id === 'string' ? custom_id : undefined,
    url: typeof url === 'string' ? url : undefined,
    style: styles[Number(style)],
    disabled: disabled === true,
  }
}

const selectView = ({ custom_id, placeholder, options }: Json): SelectView => ({
  data: textOf(custom_id),
  placeholder: textOf(placeholder),
  options: objects(options).map(({ label, value }) => ({ label: textOf(label), value: textOf(value) })),
})
