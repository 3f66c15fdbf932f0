// The sandbox's page: who one plays, and the two windows.
import { createChatWindow } from './chatWindow.ts'
import { createDiscordComposer } from './discordComposer.ts'
import { el } from './dom.ts'
import { createStore } from './store.ts'
import { createTelegramComposer } from './telegramComposer.ts'

const store = createStore()
const who = document.querySelector<HTMLElement>('#who')
const state = document.querySelector<HTMLElement>('#state')
const windows = document.querySelector<HTMLElement>('#windows')

windows?.replaceChildren(
  createChatWindow(store, 'telegram', (handle) => createTelegramComposer(store, handle)).node,
  createChatWindow(store, 'discord', (handle) => createDiscordComposer(store, handle)).node,
)
store.onChange(renderPeople)
store.connect((isOn) => {
  if (state) state.textContent = isOn ? '' : 'The sandbox does not answer. Was it ended?'
})

/** Made once, then only marked, so that the arrow keys go on working. */
function renderPeople(): void {
  if (!who) return
  if (!who.querySelector('input'))
    who.append(
      ...store.people.map(({ key, name, role }) =>
        el(
          'label',
          {},
          el('input', { type: 'radio', name: 'who', value: key, onchange: () => store.play(key) }),
          el(
            'span',
            { class: 'person' },
            el('b', {}, name),
            el('small', {}, role),
            el('span', { class: 'news', hidden: true }, 'new'),
          ),
        ),
      ),
    )
  for (const input of who.querySelectorAll<HTMLInputElement>('input')) {
    const person = store.people.find(({ key }) => key === input.value)
    input.checked = person?.key === store.person
    const news = input.parentElement?.querySelector<HTMLElement>('.news')
    if (news) news.hidden = !person || !store.hasNews(person.key)
  }
}
