// Runs the tasks of one key one after the other, those of different keys side by side.

export interface KeyedQueue {
  run<R>(key: string, task: () => Promise<R>): Promise<R>
  /** Resolves when no task is left. */
  idle(): Promise<void>
}

/** A queue without tasks; a task that fails does not stop the next one. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<void>>()
  return {
    run(key, task) {
      const result = (tails.get(key) ?? Promise.resolve()).then(task)
      const leave = () => {
        if (tails.get(key) === tail) tails.delete(key)
      }
      const tail = result.then(leave, leave)
      tails.set(key, tail)
      return result
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}
