// The budget keeps its promise for any sequence of calls.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createChatBudget, intervalAtAge, PACES, paceOf } from './chatBudget.ts'

describe('chat budget', () => {
  test('a group never gets more than 20 calls in any minute, however calls are asked for', () => {
    const askedFor = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 9_000 }), urgent: fc.boolean() }), {
      minLength: 60,
      maxLength: 120,
    })
    fc.assert(
      fc.property(askedFor, (asks) => {
        const budget = createChatBudget(PACES.telegramGroup)
        const sentAt: number[] = []
        let nowMs = 1_000_000
        for (const { gapMs, urgent } of asks) {
          nowMs = Math.max(nowMs + gapMs, budget.readyAtMs(urgent))
          budget.take(nowMs)
          sentAt.push(nowMs)
        }
        for (const start of sentAt) {
          expect(sentAt.filter((t) => t >= start && t < start + 60_000).length).toBeLessThanOrEqual(20)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('two tokens are left for what is urgent', () => {
    const pace = { burst: 5, refillMs: 4_000, reserve: 2, intervals: [] }
    const budget = createChatBudget(pace)
    const nowMs = 1_000_000
    for (let i = 0; i < 3; i++) {
      expect(budget.readyAtMs(false)).toBeLessThanOrEqual(nowMs)
      budget.take(nowMs)
    }
    expect(budget.readyAtMs(false)).toBe(nowMs + pace.refillMs)
    for (let i = 0; i < 2; i++) {
      expect(budget.readyAtMs(true)).toBeLessThanOrEqual(nowMs)
      budget.take(nowMs)
    }
    expect(budget.readyAtMs(true)).toBe(nowMs + pace.refillMs)
  })

  test('a hold stops urgent calls too, and a shorter one does not shorten it', () => {
    const budget = createChatBudget(PACES.discord)
    budget.holdUntil(9_000)
    budget.holdUntil(5_000)
    expect(budget.readyAtMs(true)).toBe(9_000)
    expect(budget.isIdle(8_999)).toBe(false)
    expect(budget.isIdle(9_000)).toBe(true)
  })

  test.each([
    [0, 1_000],
    [59_999, 1_000],
    [60_000, 10_000],
    [600_000, 45_000],
    [86_400_000, 45_000],
  ])('a message of age %i ms waits for %i ms between edits', (ageMs, intervalMs) => {
    const intervals = [
      { fromAgeMs: 0, intervalMs: 1_000 },
      { fromAgeMs: 60_000, intervalMs: 10_000 },
      { fromAgeMs: 600_000, intervalMs: 45_000 },
    ]
    expect(intervalAtAge({ burst: 1, refillMs: 1, reserve: 0, intervals }, ageMs)).toBe(intervalMs)
  })

  test.each(['telegramGroup', 'telegramPrivate', 'discord'] as const)(
    '%s slows down as a message grows old',
    (kind) => {
      const pace = PACES[kind]
      expect(intervalAtAge(pace, 60_000)).toBeGreaterThanOrEqual(10_000)
      expect(intervalAtAge(pace, 600_000)).toBeGreaterThanOrEqual(30_000)
      expect(pace.reserve).toBeGreaterThanOrEqual(2)
      expect(pace.burst).toBeGreaterThan(pace.reserve)
    },
  )

  test('each kind of chat has its own pace', () => {
    expect(paceOf(PACES, { platform: 'telegram', isPrivate: true })).toBe(PACES.telegramPrivate)
    expect(paceOf(PACES, { platform: 'telegram', isPrivate: false })).toBe(PACES.telegramGroup)
    expect(paceOf(PACES, { platform: 'discord', isPrivate: true })).toBe(PACES.discord)
  })
})
