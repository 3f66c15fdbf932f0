// The rates of core.telegram.org/bots/faq, on a clock that only the test moves.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { ApiError } from './apiError.ts'
import { createLimits, telegramLimits } from './limits.ts'

const group = { id: -1, type: 'supergroup' } as const
const person = { id: 1, type: 'private' } as const

function setUp() {
  const clock = createManualClock(0)
  const limits = createLimits({ clock, settings: telegramLimits })
  const tryIt = (chat: typeof group | typeof person) => {
    try {
      limits.charge(chat)
      return 'sent'
    } catch (error) {
      return error instanceof ApiError ? error.parameters?.retry_after : error
    }
  }
  return { clock, tryIt }
}

describe('limits', () => {
  test('a short burst passes, then one a second', async () => {
    const { clock, tryIt } = setUp()
    expect([1, 2, 3, 4, 5, 6].map(() => tryIt(person))).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 1])
    await clock.tick(1000)
    expect([tryIt(person), tryIt(person)]).toEqual(['sent', 1])
  })

  test('a group takes twenty a minute and says how long to wait', async () => {
    const { clock, tryIt } = setUp()
    for (let sent = 0; sent < 20; sent += 1) {
      expect(tryIt(group)).toBe('sent')
      await clock.tick(1000)
    }
    expect(tryIt(group)).toBe(40)
    await clock.tick(39_000)
    expect(tryIt(group)).toBe(1)
    await clock.tick(1000)
    expect(tryIt(group)).toBe('sent')
  })

  test('a private chat has no budget a minute', async () => {
    const { clock, tryIt } = setUp()
    for (let sent = 0; sent < 40; sent += 1) {
      expect(tryIt(person)).toBe('sent')
      await clock.tick(1000)
    }
  })

  test('all chats together are held to thirty a second', () => {
    const { tryIt } = setUp()
    const results = Array.from({ length: 31 }, (_, id) => tryIt({ id, type: 'private' } as never))
    expect(results.filter((result) => result === 'sent')).toHaveLength(30)
  })
})
