// A transaction that this tab sent, over a reload; a browser that keeps nothing only loses this comfort.

export type Note = ReturnType<typeof createNote>

export function createNote(what: 'sent' | 'approval' | 'reclaim' | 'stop', token: string) {
  const key = `necto-${what}:${token}`
  const careful = <T>(use: () => T): T | undefined => {
    try {
      return use()
    } catch {
      return undefined
    }
  }
  return {
    read: () => careful(() => sessionStorage.getItem(key)) ?? undefined,
    keep: (hash: string) => careful(() => sessionStorage.setItem(key, hash)),
    drop: () => careful(() => sessionStorage.removeItem(key)),
  }
}
