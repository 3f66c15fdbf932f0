// One endpoint for a whole reading, so that it sees one chain; another once this one fails or falls behind.
import type { PublicClient } from 'viem'
import type { Clock } from '../../core/clock.ts'
import type { Endpoints } from '../tx/endpoints.ts'

// Far above the time between two blocks of any chain that the escrow stands on.
const STALL_MS = 30_000

interface Place {
  readonly client: PublicClient
  readonly head: bigint
}

export interface SteadyEndpoint {
  /** The endpoint for the next reading and its head; throws what the last endpoint threw when none answers. */
  pick(): Promise<Place>
  /** The reading broke off: the next one looks for another endpoint. */
  leave(): void
}

/** Begins with the furthest endpoint, and stays with one as long as its head keeps rising above all that was seen. */
export function createSteadyEndpoint(options: { endpoints: Endpoints; clock: Pick<Clock, 'now'> }): SteadyEndpoint {
  const { endpoints, clock } = options
  let current: PublicClient | undefined
  let left: PublicClient | undefined
  let highest = -1n
  let roseAtMs = clock.now()

  const look = async (client: PublicClient): Promise<Place> => ({
    client,
    head: await client.getBlockNumber({ cacheTime: 0 }),
  })

  function stay(place: Place): Place {
    current = place.client
    if (place.head > highest) {
      highest = place.head
      roseAtMs = clock.now()
    }
    return place
  }

  return {
    async pick() {
      const place = current && (await look(current).catch(() => undefined))
      if (place && (place.head > highest || clock.now() - roseAtMs < STALL_MS)) return stay(place)
      if (current && !place) left = current
      // Also when the chain itself stands still, which is then asked about once in a while and not at every reading.
      roseAtMs = clock.now()
      const places = await endpoints.answers(look)
      const others = places.filter(({ client }) => client !== left)
      left = undefined
      const [best = await endpoints.first(look)] = (others.length > 0 ? others : places).sort((a, b) =>
        a.head === b.head ? 0 : a.head > b.head ? -1 : 1,
      )
      return stay(best)
    },
    leave() {
      left = current
      current = undefined
    },
  }
}
