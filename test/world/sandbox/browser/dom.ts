// Makes elements: never from markup, so that whatever people write stays text.

type Props = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>
type Child = Node | string | undefined | false

/** An element; functions become listeners (`onclick`), `true` a bare attribute, false and undefined nothing. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

/** A web page in a new tab. */
export const link = (href: string, props: Props, ...children: readonly Child[]): HTMLAnchorElement =>
  el('a', { href, target: '_blank', rel: 'noopener', ...props }, ...children)
