// Ends a discord.js client that is still connecting. Its own destroy() leaves the socket open, takes the last listener
// off it, so that its error ends the process, and connects anew half a second later.
import { type IShardingStrategy, SimpleShardingStrategy } from 'discord.js'

/** What of discord.js's shard there is no public way to; a test holds it to that. */
interface Shard {
  connection: { on(event: 'error', listener: () => void): void; terminate(): void } | null
  internalConnect(): Promise<void>
}

export function createSharding() {
  let isCut = false
  let strategy: SimpleShardingStrategy | undefined

  return {
    /** For the client's `ws` options. */
    buildStrategy(manager: ConstructorParameters<typeof SimpleShardingStrategy>[0]): IShardingStrategy {
      const made = new SimpleShardingStrategy(manager)
      const connect = made.connect.bind(made)
      made.connect = async () => {
        if (isCut) throw new Error('stopped before it connected')
        await connect()
      }
      strategy = made
      return made
    },
    /** Runs `destroy`, the client's own, and cuts off what it leaves. Never throws. */
    async cut(destroy: () => Promise<void>): Promise<void> {
      isCut = true
      const { shards = new Map<number, Shard>() } = (strategy ?? {}) as unknown as { shards?: Map<number, Shard> }
      const left = [...shards.values()]
      for (const shard of left) {
        shard.internalConnect = async () => {}
        shard.connection?.on('error', () => {})
      }
      const destroyed = destroy().catch(() => {})
      // By then it has taken its own listeners off, and what terminates makes it connect no more.
      await new Promise((resolve) => setImmediate(resolve))
      for (const { connection } of left) connection?.terminate()
      await destroyed
    },
  }
}
