// Which links Telegram takes in a button or a text, and how it writes them back.

/** A link as stored, or why it is refused; hosts without a dot (localhost) are refused, addresses like 127.0.0.1 are not. */
export type LinkCheck = { readonly url: string } | { readonly problem: string }

/** Checks a link the way tdlib does: http, https, tg and ton only; no scheme means http. */
export function checkLink(link: string): LinkCheck {
  const refuse = (why: string): LinkCheck => ({ problem: `URL '${link}' is invalid: ${why}` })
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(link.trim()) ?? []
  if (/^(tg|ton)$/i.test(scheme)) return { url: link.trim() }
  if (scheme && !/^https?$/i.test(scheme)) return refuse('Unsupported URL protocol')
  const full = scheme ? link.trim() : `http://${link.trim()}`
  const [, authority = ''] = /^https?:\/\/([^/?#]*)/i.exec(full) ?? []
  const [, host = '', port] = /^(?:[^@]*@)?([^@:]*)(?::(\d+))?$/.exec(authority) ?? []
  if (!/^[^\s"<>\\]+$/.test(full) || !/[^.]\.[^.]/.test(host) || !URL.canParse(full)) return refuse('Wrong HTTP URL')
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65_535))
    return refuse('Wrong port number specified in the URL')
  return { url: new URL(full).href }
}

/** The id in a tg://user?id= link, which formats a mention. */
function linkedUserId(link: string): number | undefined {
  const id = /^tg:\/\/user\?id=(\d+)$/i.exec(link)?.[1]
  return id === undefined ? undefined : Number(id)
}

/** What a link becomes in a formatted text: a text_link, a text_mention, or nothing when it is no good. */
export function linkEntity(link: string): { readonly type: string; readonly [field: string]: unknown } | undefined {
  const userId = linkedUserId(link)
  if (userId !== undefined) return { type: 'text_mention', user: { id: userId } }
  const checked = checkLink(link)
  return 'url' in checked ? { type: 'text_link', url: checked.url } : undefined
}
