// The wallet signs for its flow contract and nothing else.
import { createPublicClient, http } from 'viem'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { submitSelector } from './flowContract.ts'
import { createMemoryJournal } from './journal.ts'
import { createPayer } from './payer.ts'

const flowAddress = '0x1111111111111111111111111111111111111111'
const root = `0x${'ab'.repeat(32)}` as const

test.each([
  ['another contract', { to: '0x2222222222222222222222222222222222222222', data: submitSelector, valueWei: 1n }],
  ['another call', { to: flowAddress, data: '0xa9059cbb', valueWei: 1n }],
  ['the call of the old contract', { to: flowAddress, data: '0xef3e12dc', valueWei: 1n }],
  ['a plain transfer', { to: flowAddress, data: '0x', valueWei: 1n }],
] as const)('a payment to %s is refused before the chain is asked anything', async (_, transaction) => {
  const journal = createMemoryJournal()
  const payer = createPayer({
    chain: createPublicClient({ transport: http('http://127.0.0.1:9') }),
    chainId: 16602,
    flowAddress,
    signerKey: `0x${'01'.repeat(32)}`,
    gasLimit: 1_000_000n,
    maxGasPriceWei: 1_000_000_000n,
    journal,
    clock: systemClock,
  })
  await expect(payer.send(root, transaction, { signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'zerog.foreign-call',
    retry: 'never',
  })
  expect(await journal.load(root)).toEqual([])
})

test('the submit selector is the one the live contracts answer', () => {
  expect(submitSelector).toBe('0xbc8c11f8')
})
