// Random calls on a store, each answer compared with what a plain map says.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Collection, Stored } from './store.ts'
import { type Order, order, orders, type StoreUnderTest } from './testOrders.ts'

const id = fc.constantFrom('a', 'A', 'b/..', '🙂')
const value = fc.record({ owner: fc.constantFrom('ann', 'bob'), amountMicroUsd: fc.bigInt() })
// Which of the handles ever handed out to use: mostly stale ones.
const handle = fc.nat(30)

const action = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), id, value }),
  fc.record({ kind: fc.constant('put' as const), handle, value }),
  fc.record({ kind: fc.constant('putLatest' as const), id, value }),
  fc.record({ kind: fc.constant('remove' as const), handle }),
  fc.record({ kind: fc.constant('removeLatest' as const), id }),
  fc.record({ kind: fc.constant('reopen' as const) }),
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

/** Runs `runs` random sequences, each on a fresh store; reopens where the store can. */
export async function checkAgainstMap(options: { create: () => Promise<StoreUnderTest>; runs: number }): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const under = await options.create()
      try {
        await runActions(under, actions)
      } finally {
        await under.dispose()
      }
    }),
    { numRuns: options.runs },
  )
}

async function runActions(under: StoreUnderTest, actions: readonly Action[]): Promise<void> {
  const model = new Map<string, Stored<Order>>()
  let handles: Stored<Order>[] = []
  let collection: Collection<Order> = under.store.collection(orders)

  function wrote(doc: Stored<Order> | undefined, expected: { id: string; value: Order } | undefined): void {
    expect(doc?.id).toBe(expected?.id)
    if (!doc || !expected) return
    expect(doc.value).toEqual(expected.value)
    for (const old of handles) if (old.id === doc.id) expect(doc.version).toBeGreaterThan(old.version)
    model.set(doc.id, doc)
    handles.push(doc)
  }

  async function put(doc: Stored<Order> | undefined, next: Order): Promise<void> {
    if (!doc) return
    const fits = model.get(doc.id)?.version === doc.version
    wrote(await collection.put(doc, next), fits ? { id: doc.id, value: next } : undefined)
  }

  async function remove(doc: Stored<Order> | undefined): Promise<void> {
    if (!doc) return
    const fits = model.get(doc.id)?.version === doc.version
    expect(await collection.remove(doc)).toBe(fits)
    if (fits) model.delete(doc.id)
  }

  async function act(step: Action): Promise<void> {
    if (step.kind === 'insert') {
      const next = order(step.value)
      const expected = model.has(step.id) ? undefined : { id: step.id, value: next }
      wrote(await collection.insert(step.id, next), expected)
    } else if (step.kind === 'put') await put(handles[step.handle % handles.length], order(step.value))
    else if (step.kind === 'putLatest') await put(model.get(step.id), order(step.value))
    else if (step.kind === 'remove') await remove(handles[step.handle % handles.length])
    else if (step.kind === 'removeLatest') await remove(model.get(step.id))
    else if (under.reopen) {
      collection = (await under.reopen()).collection(orders)
      // Handles do not outlive their process.
      handles = [...model.values()]
    }
  }

  for (const step of actions) {
    await act(step)
    const docs = [...model.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(await collection.list()).toEqual(docs)
    for (const key of ['ann', 'bob'])
      expect(await collection.list({ index: 'owner', key })).toEqual(docs.filter((doc) => doc.value.owner === key))
    for (const key of ['a', 'A', 'b/..', '🙂']) expect(await collection.get(key)).toEqual(model.get(key))
  }
}
