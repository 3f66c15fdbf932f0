// Losing for ever ends in an error, not in a loop.
import { expect, test } from 'vitest'
import { createMemoryStore } from './memory.ts'
import { order, orders } from './testOrders.ts'
import { updateDocument } from './updateDocument.ts'

test('an update that somebody else always beats gives up', async () => {
  const collection = createMemoryStore().collection(orders)
  let current = await collection.insert('a', order())
  let tries = 0
  const update = updateDocument({
    collection,
    id: 'a',
    change(value) {
      tries += 1
      // Queued before the update's own put, so it always wins.
      if (current) void collection.put(current, order({ amountMicroUsd: BigInt(tries) })).then((doc) => (current = doc))
      return { ...value, owner: 'late' }
    },
  })
  await expect(update).rejects.toMatchObject({ code: 'store.contended', retry: 'later' })
  expect(tries).toBe(1000)
  expect((await collection.get('a'))?.value).toEqual(order({ amountMicroUsd: 1000n }))
})
