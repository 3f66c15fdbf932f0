// The line one types in Telegram, with the bot's menu of commands above it.
import type { ActionReply } from '../protocol.ts'
import type { Composer } from './chatWindow.ts'
import { el } from './dom.ts'
import type { Store } from './store.ts'

/** `handle` gets what the sending came to. */
export function createTelegramComposer(store: Store, handle: (reply: ActionReply) => void): Composer {
  const input = el('textarea', {
    rows: 1,
    'aria-label': 'Telegram message',
    placeholder: 'Message or /command',
    oninput: () => showMenu(/^\/\w*$/.test(input.value) ? input.value.slice(1) : undefined),
    onkeydown: (event) => {
      const { key, shiftKey, isComposing } = event as KeyboardEvent
      if (key === 'Escape') showMenu(undefined)
      if (key !== 'Enter' || shiftKey || isComposing) return
      event.preventDefault()
      void send()
    },
  })
  const menu = el('ul', { class: 'menu', id: 'telegram-menu', hidden: true })
  const toggle = el(
    'button',
    {
      type: 'button',
      'aria-controls': 'telegram-menu',
      'aria-expanded': 'false',
      onclick: () => showMenu(menu.hidden ? '' : undefined),
    },
    'Menu',
  )
  const node = el(
    'form',
    {
      class: 'composer',
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
    },
    menu,
    toggle,
    input,
    el('button', { type: 'submit', class: 'primary' }, 'Send'),
  )

  /** The commands that begin like this; undefined closes the menu. */
  function showMenu(start: string | undefined): void {
    const where = store.openChat('telegram')?.isPrivate ? 'private' : 'group'
    const fitting = store
      .commands('telegram')
      .filter((command) => start !== undefined && command.where.includes(where) && command.name.startsWith(start))
    menu.replaceChildren(
      ...fitting.map(({ name, description }) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', onclick: () => fill(`/${name} `) },
            el('b', {}, `/${name}`),
            ` ${description}`,
          ),
        ),
      ),
    )
    menu.hidden = fitting.length === 0
    toggle.setAttribute('aria-expanded', String(!menu.hidden))
  }

  function fill(line: string): void {
    input.value = line
    showMenu(undefined)
    input.focus()
  }

  async function send(): Promise<void> {
    const text = input.value.trim()
    const chat = store.openChat('telegram')
    if (text === '' || !chat) return
    input.value = ''
    showMenu(undefined)
    handle(await store.act({ do: 'say', platform: 'telegram', person: store.person, chatId: chat.id, text }))
  }

  return { node, fill, refresh: () => showMenu(undefined) }
}
