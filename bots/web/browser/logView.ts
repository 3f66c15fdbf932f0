// A log on the page: its end in view unless somebody scrolled away, colour codes left out, saved as it came.
import { paragraph } from './elements.ts'

const SHOWN_CHARACTERS = 200_000
// biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals take as colours and cursor moves
const TERMINAL_CODES = /\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\))/g
const NEAR_END_PX = 40

/** Puts an empty log into `place`. `follows`: it grows, so its end is kept in view and can be let go. */
export function createLogView(place: HTMLElement, options: { name: string; label: string; follows: boolean }) {
  const { name, label, follows } = options
  const shown = document.createElement('pre')
  shown.tabIndex = 0
  shown.setAttribute('aria-label', label)
  const note = paragraph('')
  note.setAttribute('role', 'status')
  const cut = paragraph('Only its end is shown; the whole log can be saved.')
  cut.hidden = true
  const pin = document.createElement('button')
  pin.type = 'button'
  const save = document.createElement('a')
  save.className = 'button'
  save.download = `${name}.log`
  save.hidden = true
  // Made when it is wanted: a long log would be copied with every new line.
  save.addEventListener('click', () => {
    URL.revokeObjectURL(save.href)
    save.href = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }))
  })
  const decoder = new TextDecoder()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let text = ''
  let size = 0
  let pinned = follows
  showPin()
  pin.addEventListener('click', () => setPinned(!pinned))
  shown.addEventListener('scroll', () => {
    const isAtEnd = shown.scrollHeight - shown.scrollTop - shown.clientHeight < NEAR_END_PX
    if (isAtEnd !== pinned) setPinned(isAtEnd)
  })
  place.replaceChildren(cut, shown, note, ...(follows ? [pin] : []), save)

  function setPinned(now: boolean): void {
    pinned = now
    showPin()
    if (pinned) shown.scrollTop = shown.scrollHeight
  }
  function showPin(): void {
    pin.textContent = pinned ? 'Stay here while it grows' : 'Follow the end'
  }

  return {
    /** Below the log, read out when it changes. */
    say: (said: string) => {
      if (note.textContent !== said) note.textContent = said
    },
    append(bytes: Uint8Array<ArrayBuffer>): void {
      parts.push(bytes)
      size += bytes.length
      // A letter may be cut by the end of a part.
      text += decoder.decode(bytes, { stream: true }).replace(TERMINAL_CODES, '')
      if (text.length > SHOWN_CHARACTERS) {
        text = text.slice(-SHOWN_CHARACTERS)
        cut.hidden = false
      }
      shown.textContent = text
      if (pinned) shown.scrollTop = shown.scrollHeight
      save.hidden = false
      save.href = '#'
      save.textContent = `Save the log (${size} bytes)`
    },
    /** It grows no more. */
    end(): void {
      pin.remove()
    },
  }
}
