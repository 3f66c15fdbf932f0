// Small pieces of a page, made of text alone.

export function paragraph(text: string): HTMLElement {
  return element('p', text)
}

export function element(tag: keyof HTMLElementTagNameMap, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.textContent = text
  return made
}

export function link(href: string, text: string): HTMLElement {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  return a
}

/** An address or hash with its last four digits stressed, which is what people compare. */
export function stressed(hex: string): HTMLElement {
  const span = element('span', hex.slice(0, -4), 'hex')
  span.append(element('b', hex.slice(-4)))
  return span
}

/** A link that saves bytes as a file. */
export function download(bytes: Uint8Array<ArrayBuffer>, name: string, label: string): HTMLElement {
  const a = document.createElement('a')
  a.className = 'button'
  a.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  a.download = name
  a.textContent = label
  return a
}
