// Which addresses a message may link to: our own pages and the few explorers that the operator listed.

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * A check for link targets: https on a listed origin, without user info (which disguises the host).
 * http passes for loopback hosts only, which is how the local world serves its pages.
 */
export function createLinkCheck(origins: readonly string[]): (url: string) => boolean {
  const listed = new Set(origins.map((origin) => new URL(origin).origin))
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (!url || url.username || url.password || !listed.has(url.origin)) return false
    return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
  }
}
