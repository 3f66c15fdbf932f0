// Tasks that stand or fall together: what ends one for good ends the others, so that a process never lives on in part.

/**
 * Runs the tasks until each has ended. When one throws, the signal of the others is aborted, all are waited for, and
 * the first error is thrown.
 */
export async function runTogether(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController()
  const ending = AbortSignal.any([signal, failed.signal])
  const settled = await Promise.allSettled(
    tasks.map(async (task) => {
      try {
        await task(ending)
      } catch (error) {
        failed.abort(error)
        throw error
      }
    }),
  )
  // The reason of the first abort; those that followed it may have thrown only because of it.
  if (settled.some(({ status }) => status === 'rejected')) throw failed.signal.reason
}
