// The test wallet's looks, kept apart from the page's: a shadow root with a stylesheet of its own.
import { el } from './dom.ts'

const CSS = `
:host { all: initial; display: block; }
* { box-sizing: border-box; font: 1rem/1.4 system-ui, sans-serif; }
b { font-weight: 700; }
.banner { margin: 0; padding: .5rem 1rem; background: #ffd27a; color: #3a2300; text-align: center; border-radius: 0 0 .6rem .6rem; }
dialog { border: 0; border-radius: 1rem; padding: 0; width: min(26rem, calc(100vw - 2rem)); max-height: 85vh;
  color: #1b1f24; background: #fff; box-shadow: 0 1rem 3rem #0008; overflow: auto; }
dialog::backdrop { background: #0009; }
header { padding: .75rem 1rem; background: #ffd27a; color: #3a2300; font-weight: 700; }
main { padding: 1rem; }
h2 { margin: 0 0 .5rem; font-size: 1.15rem; font-weight: 700; }
p { margin: 0 0 .75rem; }
dl { margin: 0 0 1rem; display: grid; grid-template-columns: auto 1fr; gap: .25rem .75rem; }
dt { color: #545d68; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0 0 1rem; padding: .5rem; background: #f4f6f8; white-space: pre-wrap; overflow-wrap: anywhere; font-family: monospace; }
.ends { display: flex; gap: .75rem; }
button { flex: 1; min-height: 2.75rem; border-radius: .6rem; border: 1px solid #8a5a00; background: #fff; color: #3a2300; cursor: pointer; }
button.yes { background: #7a4b00; color: #fff; font-weight: 700; }
button:focus-visible { outline: 3px solid #0b57c2; outline-offset: 2px; }
`

/** An element with a shadow root in these looks. A stylesheet made by script needs no leave of the page's CSP. */
export function shadowOf(tag: 'aside' | 'div', label: string): { host: HTMLElement; root: ShadowRoot } {
  const host = el(tag, tag === 'aside' ? { 'aria-label': label } : {})
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(CSS)
  root.adoptedStyleSheets = [sheet]
  return { host, root }
}
