// The line on top of every page of the sandbox, so that nobody takes it for the real thing.
import { el } from './dom.ts'
import { shadowOf } from './walletStyle.ts'

/** Puts it first in the page. */
export function walletBanner(): void {
  const { host, root } = shadowOf('aside', 'Sandbox')
  root.append(el('p', { class: 'banner' }, el('b', {}, 'Local sandbox: play money.'), ' Pay with “Test wallet”.'))
  document.body.prepend(host)
}
