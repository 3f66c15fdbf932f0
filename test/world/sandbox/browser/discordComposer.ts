// The line one types in Discord: a slash opens the commands, a chosen one asks for its typed options.
import { optionsFromLine } from '../../discord/people/typedLine.ts'
import type { ActionReply, PageCommand, PageOption } from '../protocol.ts'
import type { Composer } from './chatWindow.ts'
import { el } from './dom.ts'
import type { Store } from './store.ts'

type Field = HTMLInputElement | HTMLSelectElement
const SUGGEST_AFTER_MS = 150

/** `handle` gets what the command came to. */
export function createDiscordComposer(store: Store, handle: (reply: ActionReply) => void): Composer {
  const input = el('input', {
    'aria-label': 'Discord command',
    placeholder: 'Type / for commands',
    autocomplete: 'off',
    oninput: () => showCommands(),
    onkeydown: (event) => {
      const { key } = event as KeyboardEvent
      if (key === 'Escape') list.hidden = true
      if (key === 'ArrowUp' || key === 'ArrowDown') list.querySelector('button')?.focus()
    },
  })
  const list = el('ul', { class: 'menu', hidden: true })
  const chosen = el('div', { class: 'chosen', hidden: true })
  let command: PageCommand | undefined
  const fields = new Map<string, Field>()
  const node = el(
    'form',
    {
      class: 'composer',
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
      onkeydown: (event) => {
        if ((event as KeyboardEvent).key === 'Escape' && command) close()
      },
    },
    list,
    chosen,
    input,
    el('button', { type: 'submit', class: 'primary' }, 'Send'),
  )

  function offered(): PageCommand[] {
    const where = store.openChat('discord')?.isPrivate ? 'private' : 'group'
    return store.commands('discord').filter((one) => one.where.includes(where))
  }

  function showCommands(): void {
    const [, start] = /^\/(\w*)$/.exec(input.value) ?? []
    const fitting = offered().filter(({ name }) => start !== undefined && name.startsWith(start))
    list.replaceChildren(
      ...fitting.map((one) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', onclick: () => choose(one) },
            el('b', {}, `/${one.name}`),
            ` ${one.description}`,
          ),
        ),
      ),
    )
    list.hidden = fitting.length === 0
  }

  /** Asks for the options, with these values in them already. */
  function choose(next: PageCommand, values: Readonly<Record<string, string>> = {}): void {
    command = next
    fields.clear()
    list.hidden = true
    input.value = ''
    input.hidden = true
    chosen.replaceChildren(
      el(
        'p',
        {},
        el('b', {}, `/${next.name}`),
        ` ${next.description} `,
        el('button', { type: 'button', class: 'quiet', onclick: close }, 'Cancel'),
      ),
      ...next.options.map((option) => optionNode(option, values[option.name] ?? '')),
    )
    chosen.hidden = false
    const [first] = fields.values()
    ;(first ?? node.querySelector<HTMLElement>('button[type=submit]'))?.focus()
  }

  function optionNode(option: PageOption, value: string): HTMLElement {
    const { name, description, kind, isRequired, choices, min, max } = option
    const id = `option-${name}`
    const shared = { id, required: isRequired, title: description }
    const listed =
      kind === 'person'
        ? store.people.map((person) => ({ name: person.name, value: person.key }))
        : kind === 'switch'
          ? ['true', 'false'].map((word) => ({ name: word, value: word }))
          : choices
    let field: Field
    let suggestions: HTMLDataListElement | undefined
    if (listed.length > 0) {
      field = el(
        'select',
        shared,
        el('option', { value: '' }, '—'),
        ...listed.map((one) => el('option', { value: one.value, selected: String(one.value) === value }, one.name)),
      )
    } else {
      const isNumber = kind === 'whole' || kind === 'number'
      suggestions = option.completes ? el('datalist', { id: `${id}-list` }) : undefined
      field = el('input', {
        ...shared,
        value,
        placeholder: description,
        type: isNumber ? 'number' : 'text',
        step: kind === 'number' ? 'any' : undefined,
        min,
        max,
        autocomplete: 'off',
        list: suggestions?.id,
        oninput: () => suggestions && suggestLater(name, suggestions),
        onfocus: () => suggestions && suggestLater(name, suggestions),
      })
    }
    fields.set(name, field)
    return el(
      'p',
      { class: `option${name === 'run' || name === 'line' ? ' long' : ''}` },
      el('label', { for: id }, name, isRequired && el('span', { class: 'needed' }, ' (needed)')),
      field,
      suggestions,
    )
  }

  let timer = 0
  function suggestLater(focused: string, into: HTMLDataListElement): void {
    clearTimeout(timer)
    timer = window.setTimeout(() => void suggest(focused, into), SUGGEST_AFTER_MS)
  }

  async function suggest(focused: string, into: HTMLDataListElement): Promise<void> {
    const chat = store.openChat('discord')
    if (!command || !chat) return
    const { name } = command
    const typed = { ...values(), [focused]: fields.get(focused)?.value ?? '' }
    const where = { platform: 'discord', person: store.person, chatId: chat.id } as const
    const reply = await store.act({ do: 'suggest', ...where, name, values: typed, focused })
    if (!reply.ok) return
    into.replaceChildren(...(reply.choices ?? []).map((one) => el('option', { value: one.value, label: one.name })))
  }

  /** What is filled in, in the type each option has. */
  function values(): Record<string, string | number | boolean> {
    return Object.fromEntries(
      (command?.options ?? []).flatMap(({ name, kind }): [string, string | number | boolean][] => {
        const text = fields.get(name)?.value.trim() ?? ''
        if (text === '') return []
        if (kind === 'whole' || kind === 'number') return [[name, Number(text)]]
        return [[name, kind === 'switch' ? text === 'true' : text]]
      }),
    )
  }

  function close(): void {
    command = undefined
    chosen.hidden = true
    chosen.replaceChildren()
    fields.clear()
    input.hidden = false
    input.focus()
  }

  async function send(): Promise<void> {
    const chat = store.openChat('discord')
    if (!chat) return
    if (!command) return fill(input.value)
    const { name } = command
    const typed = values()
    close()
    const where = { platform: 'discord', person: store.person, chatId: chat.id } as const
    handle(await store.act({ do: 'command', ...where, name, values: typed }))
  }

  /** A whole line becomes the command's options, as far as they are in it. */
  function fill(line: string): void {
    const [, name = '', rest = ''] = /^\/?(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? []
    const found = offered().find((one) => one.name === name) ?? offered().find((one) => one.name.startsWith(name))
    if (line.trim() === '') return
    if (line.trim().startsWith('/') && found) choose(found, lineValues(found, rest))
    else handle({ ok: false, why: 'Here the bot hears slash commands only: type / and choose one.' })
  }

  /** Nothing where the line does not fit the options: then they are filled in by hand. */
  function lineValues(found: PageCommand, rest: string): Record<string, string> {
    try {
      const values = optionsFromLine({ name: found.name, options: found.options }, rest)
      return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
    } catch {
      return {}
    }
  }

  return {
    node,
    fill,
    refresh: () => {
      if (command) close()
    },
  }
}
