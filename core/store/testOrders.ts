// The documents that the store's contract is tested with.
import { z } from 'zod'
import type { CollectionDefinition, Store } from './store.ts'

const micro = z.codec(z.string().regex(/^-?\d+$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
})
const orderSchema = z.strictObject({
  owner: z.string(),
  tags: z.array(z.string()),
  amountMicroUsd: micro,
  note: z.string().optional(),
  lines: z.array(z.strictObject({ name: z.string(), costs: z.record(z.string(), micro) })),
})
/** Decoded. */
export type Order = z.output<typeof orderSchema>

/** The contract's collection: a bigint, nesting, a single-valued and a many-valued index. */
export const orders: CollectionDefinition<Order> = {
  name: 'testOrders',
  schema: orderSchema,
  indexes: { owner: (order) => [order.owner], tag: (order) => order.tags },
}

/** An order with the given parts. */
export function order(parts: Partial<Order> = {}): Order {
  return { owner: 'ann', tags: [], amountMicroUsd: 1n, lines: [], ...parts }
}

/** One store under test. `reopen` closes it and opens what it left behind; absent where nothing outlives the process. */
export interface StoreUnderTest {
  store: Store
  reopen?: () => Promise<Store>
  dispose(): Promise<void>
}
