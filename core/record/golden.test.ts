// Golden records: what an engine has once sealed must have the same bytes, root and replay for ever.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { currentEngine } from './engines.ts'
import { recordBytes } from './seal.ts'
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
] as const

test.each(golden)('ZERO-02 ZERO-03 $file verifies and replays', async ({ engine, file, selected, ...expected }) => {
  const bytes = new Uint8Array(await readFile(new URL(`golden/${file}`, import.meta.url)))
  const { steps, record } = verifyBytes({ bytes, expected })
  expect(steps.filter(({ ok }) => ok !== true)).toEqual([])
  expect(record).toMatchObject({ engine, selection: { offerId: selected } })
  expect(record && recordBytes(record)).toEqual(bytes)
})

test('the engine in use has a golden record', () => {
  expect(golden.map(({ engine }) => engine)).toContain(currentEngine)
})
