// The sellers' listings as data: what a market anywhere reads is what ours reads.
import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { fetchListings } from '../../core/supply/fetchListings.ts'
import { readNectoListings } from '../../core/supply/nectoListings.ts'
import { createTestShop } from './testShop.ts'
import { serveTestWeb } from './testWeb.ts'

test('PROV-06 listings read over the page are those of the store, and only live ones', async ({ onTestFinished }) => {
  const shop = await createTestShop()
  const web = await serveTestWeb(shop)
  onTestFinished(() => web.stop())
  expect(await fetchListings({ publicUrl: `${web.url}/`, clock: systemClock })).toEqual(
    await readNectoListings(shop.context),
  )
  const stored = await shop.context.listings.get(shop.listing.id)
  if (!stored) throw new Error('no listing')
  await shop.context.listings.put(stored, { ...stored.value, state: 'submitted' })
  expect(await fetchListings({ publicUrl: web.url, clock: systemClock })).toEqual([])
})

test('where no Necto answers, it says where it looked', async () => {
  const reading = fetchListings({ publicUrl: 'http://127.0.0.1:9', clock: systemClock })
  await expect(reading).rejects.toMatchObject({ code: 'necto.elsewhere', message: expect.stringContaining(':9') })
})
