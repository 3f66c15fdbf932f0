// Nosana's own word on what NOS is worth: GET /api/markets/price.
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import type { TokenSource } from '../../feed/source.ts'
import { decimalFromNumber } from '../../pricing/decimal.ts'
import { readHosts } from './readHosts.ts'

// Path and shape as in nosana-ci/nosana-kit docs/api/markets.md and its generated schema of the Host Manager, which
// serves both under /api: "Get current NOS token price in USD".
const PATH = '/api/markets/price'
const priceReply = z.object({ price: z.number().positive() })

/** The reply has no time of its own and says "current", so the price is as of when it was fetched. */
export function createNosPriceSource(deps: {
  hosts: readonly string[]
  clock: Clock
  timeoutMs?: number
}): TokenSource {
  const { hosts, clock, timeoutMs = 5_000 } = deps
  return {
    name: 'nosana',
    tokens: ['NOS'],
    async read(signal) {
      const { value, evidence } = await readHosts({ hosts, path: PATH, parse: parsePrice, clock, signal, timeoutMs })
      return [{ token: 'NOS', usdPerToken: value, source: 'nosana', atMs: evidence.fetchedAtMs }]
    },
  }
}

function parsePrice(json: unknown): string {
  const parsed = priceReply.safeParse(json)
  const price = parsed.success ? decimalFromNumber(parsed.data.price) : undefined
  if (price !== undefined) return price
  const details = parsed.error && z.prettifyError(parsed.error)
  throw new NectoError('nosana.reply', 'Nosana gave no price of NOS.', { retry: 'later', details })
}
