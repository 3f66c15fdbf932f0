// The task loop: every document once, again on change, later on request or failure, never twice at once.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createManualClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from './memory.ts'
import type { Stored } from './store.ts'
import { workOn } from './workOn.ts'

type Doc = { state: string; count: number }
const definition = { name: 'docs', schema: z.strictObject({ state: z.string(), count: z.int() }), indexes: {} }

function start(work: (doc: Stored<Doc>) => Promise<number | undefined>) {
  const clock = createManualClock(0)
  const collection = createMemoryStore().collection<Doc>(definition)
  const ending = new AbortController()
  const run = () =>
    workOn({
      name: 'test',
      collection,
      wants: (value) => value.state === 'open',
      work,
      clock,
      log: silentLog,
      signal: ending.signal,
    })
  return { clock, collection, run, end: () => ending.abort() }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

test('takes what is there, what comes, and what changes into the state', async () => {
  const seen: string[] = []
  const { collection, run, end } = start(async (doc) => {
    seen.push(doc.id)
    return undefined
  })
  await collection.insert('a', { state: 'open', count: 0 })
  const shut = await collection.insert('b', { state: 'shut', count: 0 })
  const ended = run()
  await turn()
  await collection.insert('c', { state: 'open', count: 0 })
  if (shut) await collection.put(shut, { state: 'open', count: 0 })
  await turn()
  end()
  await ended
  expect(seen.toSorted()).toEqual(['a', 'b', 'c'])
})

test('looks again after the time asked for, and at once on a change', async () => {
  let calls = 0
  const { clock, collection, run, end } = start(async () => {
    calls++
    return 1000
  })
  const doc = await collection.insert('a', { state: 'open', count: 0 })
  const ended = run()
  await turn()
  expect(calls).toBe(1)
  await clock.tick(1000)
  await turn()
  expect(calls).toBe(2)
  if (doc) await collection.put(doc, { state: 'open', count: 1 })
  await turn()
  expect(calls).toBe(3)
  end()
  await ended
})

test('a failure is tried again later, and a change during a call leads to another call, never two at once', async () => {
  let active = 0
  let most = 0
  let calls = 0
  const { clock, collection, run, end } = start(async (doc) => {
    active++
    most = Math.max(most, active)
    calls++
    await turn()
    active--
    if (doc.value.count === 0) throw new Error('no')
    return undefined
  })
  const doc = await collection.insert('a', { state: 'open', count: 0 })
  const ended = run()
  await turn()
  await turn()
  await clock.tick(500)
  await turn()
  expect(calls).toBeGreaterThanOrEqual(2)
  if (doc) await collection.put(doc, { state: 'open', count: 1 })
  await turn()
  await turn()
  await turn()
  end()
  await ended
  expect(most).toBe(1)
})
