// One platform's window: its chats, the messages of the open one, and what fades in over them.
import type { ActionReply, PageMessage, PlatformName } from '../protocol.ts'
import { el } from './dom.ts'
import { openForm } from './formDialog.ts'
import { type MessageHands, messageNode } from './messageNode.ts'
import type { Change, Store } from './store.ts'

export interface Composer {
  readonly node: HTMLElement
  /** Shows what fits the person and chat now. */
  refresh(): void
  /** Puts a line into it, to be sent or changed. */
  fill(line: string): void
}

export interface ChatWindow {
  readonly node: HTMLElement
  /** Follows what a deed came to: a page to open, a form, a word of refusal. */
  handle(reply: ActionReply): void
}

const TOAST_MS = 6000
const NEAR_END_PX = 80
const TITLES = { telegram: 'Telegram', discord: 'Discord' }

/** `makeComposer` gets the window, since what it sends is answered there. */
export function createChatWindow(
  store: Store,
  platform: PlatformName,
  makeComposer: (handle: ChatWindow['handle']) => Composer,
): ChatWindow {
  const composer = makeComposer(handle)
  const tabs = el('nav', { class: 'chats', 'aria-label': `${TITLES[platform]} chats` })
  const log = el('div', { class: 'log', role: 'log', 'aria-label': `${TITLES[platform]} messages`, tabindex: 0 })
  const toasts = el('div', { class: 'toasts', role: 'status' })
  const tries = el('p', { class: 'tries' })
  const node = el(
    'section',
    { class: `app ${platform}`, 'aria-labelledby': `${platform}-title` },
    el('header', {}, el('h2', { id: `${platform}-title` }, TITLES[platform]), tabs),
    log,
    toasts,
    tries,
    composer.node,
  )

  const act = async (doing: Promise<ActionReply>) => handle(await doing)
  const on = (message: PageMessage) => ({
    platform,
    person: store.person,
    chatId: message.chatId,
    messageId: message.id,
  })
  const hands: MessageHands = {
    press: (message, data) => void act(store.act({ do: 'press', ...on(message), data })),
    choose: (message, data, chosen) => void act(store.act({ do: 'choose', ...on(message), data, chosen: [...chosen] })),
    copy: (text) => void navigator.clipboard?.writeText(text).then(() => toast('Copied.')),
    command: composer.fill,
  }

  function handle(reply: ActionReply): void {
    if (!reply.ok) {
      toast(reply.why)
      return
    }
    if (reply.url !== undefined) window.open(reply.url, '_blank', 'noopener')
    const { form } = reply
    if (!form) return
    const { person } = store
    openForm(form, async (values) => {
      const answer = await store.act({ do: 'submit', person, values })
      if (!answer.ok) return answer.why
      handle(answer)
      return undefined
    })
  }

  function toast(text: string): void {
    const shown = el('p', {}, text)
    toasts.append(shown)
    setTimeout(() => shown.remove(), TOAST_MS)
  }

  function alertBox(text: string): void {
    const close = () => dialog.close()
    const dialog = el(
      'dialog',
      { class: 'form', 'aria-label': TITLES[platform], onclose: () => dialog.remove() },
      el('p', {}, text),
      el('div', { class: 'ends' }, el('button', { type: 'button', class: 'primary', onclick: close }, 'OK')),
    )
    document.body.append(dialog)
    dialog.showModal()
  }

  const nodeOf = (message: PageMessage) => messageNode(message, hands, message.by === store.person)
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX
  const toEnd = () => {
    log.scrollTop = log.scrollHeight
  }

  function renderTabs(): void {
    const open = store.openChat(platform)
    tabs.replaceChildren(
      ...store.chatsOf(platform).map((chat) =>
        el(
          'button',
          {
            type: 'button',
            'aria-pressed': chat.id === open?.id ? 'true' : 'false',
            onclick: () => store.show(platform, chat.id),
          },
          platform === 'discord' ? (chat.isPrivate ? '@ ' : '# ') : '',
          chat.title,
          chat.isPrivate && el('small', {}, ' private'),
          store.isUnread(chat) && el('span', { class: 'news' }, ' new'),
        ),
      ),
    )
  }

  function renderAll(): void {
    renderTabs()
    const chat = store.openChat(platform)
    log.replaceChildren(...(chat ? store.messagesOf(platform, chat.id).map(nodeOf) : []))
    if (log.childElementCount === 0) log.append(el('p', { class: 'empty' }, 'Nothing was said here yet.'))
    tries.replaceChildren(...triesFor())
    composer.refresh()
    toEnd()
  }

  function triesFor(): Node[] {
    const ask = "/job h100 x1 4h max 3 run sh -c 'sleep 4; echo hello'"
    const lines = { member: [ask], creator: [ask], seller: ['/capacity'], admin: ['/help'] }[store.person]
    return lines.map((line) => el('button', { type: 'button', onclick: () => composer.fill(line) }, `Try ${line}`))
  }

  /** Replaces a message where it stands, and keeps the focus on the button that had it. */
  function change(message: PageMessage): void {
    if (message.chatId !== store.openChat(platform)?.id) {
      renderTabs()
      return
    }
    if (message.onlyFor !== undefined && message.onlyFor !== store.person) return
    const stay = isAtEnd()
    const fresh = nodeOf(message)
    const old = find(message.id)
    if (old) {
      const focused = old.contains(document.activeElement) ? document.activeElement : undefined
      old.replaceWith(fresh)
      if (focused) {
        const again = [...fresh.querySelectorAll<HTMLElement>('button, a')].find(
          ({ textContent }) => textContent === focused.textContent,
        )
        ;(again ?? fresh).focus()
      }
    } else {
      log.querySelector('.empty')?.remove()
      log.append(fresh)
    }
    if (stay) toEnd()
  }

  const find = (id: string) => log.querySelector(`[data-id="${CSS.escape(id)}"]`)

  function follow(event: Change): void {
    if (event.kind === 'all') renderAll()
    else if (event.kind === 'message' && event.message.platform === platform) change(event.message)
    else if (event.kind === 'gone' && event.platform === platform) find(event.id)?.remove()
    else if (event.kind === 'toast' && event.platform === platform && event.person === store.person)
      (event.isAlert ? alertBox : toast)(event.text)
  }

  // Whoever read the newest goes on seeing it when the window or what stands below it changes its size.
  let wasAtEnd = true
  log.addEventListener('scroll', () => {
    wasAtEnd = isAtEnd()
  })
  new ResizeObserver(() => wasAtEnd && toEnd()).observe(log)
  store.onChange(follow)
  return { node, handle }
}
