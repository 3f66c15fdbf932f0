// What Necto's own sellers offer now, as data: for `necto quote` on any machine, and for whoever compares prices.
import { Hono } from 'hono'
import { z } from 'zod'
import { nectoListingsReply } from '../../core/providers/necto/offers.ts'
import { readNectoListings } from '../../core/supply/nectoListings.ts'
import type { WebOptions } from './webOptions.ts'

export function createListingRoutes({ context }: Pick<WebOptions, 'context'>): Hono {
  const app = new Hono()
  app.get('/listings', async (c) => {
    const listings = (await readNectoListings(context)).filter(({ live }) => live)
    return c.json(z.encode(nectoListingsReply, { listings }))
  })
  return app
}
