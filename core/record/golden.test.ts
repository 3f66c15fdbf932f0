// Golden records: what an engine has once sealed must have the same bytes, root and replay for ever.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { currentEngine } from './engines.ts'
import { recordBytes, seal } from './seal.ts'
import { engine2Input } from './testEngine2.ts'
import { verifyBytes } from './verifyRecord.ts'

// If one of these fails, a rule changed under a sealed engine: make a new engine instead, and leave these as they are.
const golden = [
  {
    engine: 1,
    file: 'engine1.jcs',
    root: '0xe914bbfa5d3d8a9495424bfce68ca1bd6bf8641e1f12d01fd9081bcef24a23a8',
    hash: '0x6efffa158736630e5113380ccc5003e70acbe3430eb3553ffa7ef4e8c163b829',
    length: 9160,
    selected: 'akash:node',
  },
  {
    engine: 1,
    file: 'engine1-token.jcs',
    root: '0xb2054d31501d6c3bb68ad5f005d493faaa1821d8c83f4624d2f3580fa77c7164',
    hash: '0x33b13c542e8c11bf5871b017c77294a6995999bf5578932b60588178f50cb46b',
    length: 10_401,
    selected: 'ionet:paid',
  },
  {
    engine: 2,
    file: 'engine2.jcs',
    root: '0x3d1b6a8d9fc8b4fb9cc6d9700499855e80b35614388118d3c12031a68d4592ae',
    hash: '0xfd18f9c4f01eaab1fabbadcb5d73c1c51ef6935cb503111ac3430614ff60b923',
    length: 7502,
    // An ask that only compares prices has no terms.
    selected: undefined,
  },
] as const

test.each(golden)('ZERO-02 ZERO-03 $file verifies and replays', async ({ engine, file, selected, ...expected }) => {
  const bytes = new Uint8Array(await readFile(new URL(`golden/${file}`, import.meta.url)))
  const { steps, record } = verifyBytes({ bytes, expected })
  expect(steps.filter(({ ok }) => ok !== true)).toEqual([])
  expect(record?.engine).toBe(engine)
  expect(record?.selection?.offerId).toBe(selected)
  expect(record && recordBytes(record)).toEqual(bytes)
})

test("engine 2's golden record is what it makes of its inputs", async () => {
  const { bytes, record } = seal(engine2Input)
  expect(bytes).toEqual(new Uint8Array(await readFile(new URL('golden/engine2.jcs', import.meta.url))))
  expect(record.ranking).toEqual(['nosana:1', 'akash:1'])
})

test('the engine in use has a golden record', () => {
  expect(golden.map(({ engine }) => engine)).toContain(currentEngine)
})
