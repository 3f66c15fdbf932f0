// One message as an element, with its buttons and menus.
import type { PageButton, PageMessage } from '../protocol.ts'
import { el, link } from './dom.ts'
import { discordText, telegramText } from './richText.ts'

export interface MessageHands {
  press(message: PageMessage, data: string): void
  choose(message: PageMessage, data: string, chosen: readonly string[]): void
  copy(text: string): void
  /** Puts a /command that stands in a text into the line one types. */
  command(text: string): void
}

/** The article of a message; `isOwn` when the person played wrote it. */
export function messageNode(message: PageMessage, hands: MessageHands, isOwn: boolean): HTMLElement {
  const { platform, from, fromBot, atMs, isEdited, command, onlyFor, pictures, buttons, menus } = message
  const time = new Date(atMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const text =
    platform === 'telegram'
      ? telegramText(message.text, message.entities, hands.command)
      : discordText(message.isThinking && message.text === '' ? `${from} is thinking…` : message.text)
  return el(
    'article',
    {
      class: `message${isOwn ? ' own' : ''}${onlyFor ? ' private' : ''}`,
      'data-id': message.id,
      'aria-label': `${from}, ${time}`,
      tabindex: -1,
    },
    command !== undefined && el('p', { class: 'cause' }, command),
    el('p', { class: 'who' }, el('b', {}, from), fromBot && el('span', { class: 'bot' }, 'bot'), el('time', {}, time)),
    el('div', { class: 'body' }, text),
    ...pictures.map(({ url, alt }) => el('img', { src: url, alt })),
    isEdited && el('span', { class: 'edited' }, 'edited'),
    ...menus.map((menu) => {
      const select = el(
        'select',
        {
          'aria-label': menu.placeholder || 'Choose',
          onchange: () => select.value && hands.choose(message, menu.data, [select.value]),
        },
        el('option', { value: '' }, menu.placeholder || 'Choose'),
        ...menu.options.map(({ label, value }) => el('option', { value }, label)),
      )
      return select
    }),
    buttons.length > 0 &&
      el('div', { class: 'buttons' }, ...buttons.map((row) => el('div', { class: 'row' }, ...row.map(buttonNode)))),
    onlyFor !== undefined && el('p', { class: 'only' }, 'Only you can see this'),
  )

  function buttonNode({ label, url, data, copyText, look, isDisabled }: PageButton): HTMLElement {
    const looks = `press ${look ?? ''}`
    if (url !== undefined) return link(url, { class: looks }, label, el('span', { class: 'out' }, ' ↗'))
    const onclick = () => {
      if (copyText !== undefined) hands.copy(copyText)
      else if (data !== undefined) hands.press(message, data)
    }
    return el('button', { type: 'button', class: looks, disabled: isDisabled === true, onclick }, label)
  }
}
