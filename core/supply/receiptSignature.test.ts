// A receipt's signature holds for its runner, its chain and its figures, and for nothing else.
import fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import type { Receipt, SignedReceipt } from '../jobs/runnerDesk.ts'
import { signReceipt, verifyReceipt } from './receiptSignature.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const other = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const chainId = 84_532
const receipt: Receipt = {
  jobId: `0x${'ab'.repeat(32)}`,
  usedSeconds: 3600,
  exitCode: -1,
  reason: 'exited',
  logHash: `0x${'01'.repeat(32)}`,
  outputHash: `0x${'02'.repeat(32)}`,
}

test('a signed receipt is its runner’s', async () => {
  const signed = await signReceipt({ account, receipt, chainId })
  expect(await verifyReceipt({ signed, runner: account.address, chainId })).toBe(true)
  expect(await verifyReceipt({ signed, runner: other.address, chainId })).toBe(false)
  expect(await verifyReceipt({ signed, runner: account.address, chainId: 8453 })).toBe(false)
})

test('any field changed afterwards breaks it', async () => {
  const signed = await signReceipt({ account, receipt, chainId })
  const changes: Partial<Receipt>[] = [
    { jobId: `0x${'ac'.repeat(32)}` },
    { usedSeconds: 3601 },
    { exitCode: 0 },
    { reason: 'timeout' },
    { logHash: receipt.outputHash },
    { outputHash: receipt.logHash },
  ]
  expect(changes.map((change) => Object.keys(change)[0]).sort()).toEqual(Object.keys(receipt).sort())
  for (const change of changes) {
    const altered: SignedReceipt = { ...signed, receipt: { ...receipt, ...change } }
    expect(await verifyReceipt({ signed: altered, runner: account.address, chainId })).toBe(false)
  }
})

test('bytes that are no signature are no signature', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 70 }), async (bytes) => {
      const signed: SignedReceipt = { receipt, signature: `0x${Buffer.from(bytes).toString('hex')}` }
      expect(await verifyReceipt({ signed, runner: account.address, chainId })).toBe(false)
    }),
    { numRuns: 30 },
  )
})
