// Waiting between questions to the server: ever longer while nothing happens, and not at all while nobody looks.

/** Waits, and then on while the page is hidden. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
  }
}

/** Pauses of `firstMs`, doubling up to `lastMs`; `again` begins anew. */
export function createPace({ firstMs, lastMs }: { firstMs: number; lastMs: number }) {
  let nextMs = firstMs
  return {
    again() {
      nextMs = firstMs
    },
    next(): Promise<void> {
      const ms = nextMs
      nextMs = Math.min(lastMs, nextMs * 2)
      return pause(ms)
    },
  }
}
