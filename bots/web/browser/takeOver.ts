// Takes parts of a page that was fetched anew over into the one that stands open.

const TIMEOUT_MS = 20_000

/** What `read` makes of the answer; undefined: no answer now. */
export async function ask<T>(path: string, read: (reply: Response) => Promise<T>): Promise<T | undefined> {
  try {
    const reply = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return reply.ok ? await read(reply) : undefined
  } catch {
    return undefined
  }
}

/** The page at `path` as it is now. */
export async function fetchMain(path: string): Promise<HTMLElement | undefined> {
  const text = await ask(path, (reply) => reply.text())
  return (text && new DOMParser().parseFromString(text, 'text/html').querySelector('main')) || undefined
}

/** Puts the fresh page's part in the place of this page's; one that is being worked with stays. */
export function takeOver(fresh: HTMLElement, id: string): void {
  const [old, next] = [document.getElementById(id), fresh.querySelector<HTMLElement>(`#${id}`)]
  if (!old || !next || old.dataset.busy === 'yes') return
  if (old.innerHTML === next.innerHTML) return
  // What its reader has unfolded stays so.
  if (old.querySelector('details')?.open) next.querySelector('details')?.setAttribute('open', '')
  old.replaceWith(document.adoptNode(next))
}
