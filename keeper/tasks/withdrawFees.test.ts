// Fees on their way from the escrow to their recipient: what is sent, and when.
import { expect, test } from 'vitest'
import { createTestKeeper } from './testKeeper.ts'
import { withdrawFees } from './withdrawFees.ts'

const recipient = '0x976EA74026E726554dB657fA54763abd0C3a0aa9'

test('waiting fees are sent once a day, and only where they are worth it', async () => {
  const { keeper, clock, intentIds } = await createTestKeeper()
  const look = (microUsd: bigint) => withdrawFees(keeper, async () => ({ recipient, microUsd }))
  await look(4_999_999n)
  expect(await intentIds()).toEqual([])
  await look(5_000_000n)
  await look(7_000_000n)
  expect(await intentIds()).toEqual([`fees:2026-11-23:${recipient}`])
  await clock.tick(24 * 3_600_000)
  await look(7_000_000n)
  expect(await intentIds()).toHaveLength(2)
})
