// For tests: a source of token prices that says, when asked, what it is told to.
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import type { TokenSource } from './source.ts'

export interface TestSource extends TokenSource {
  calls(): number
  /** From now on it gives these prices, fails, or never answers. */
  gives(answer: readonly TokenPrice[] | Error | 'nothing, ever'): void
}

/** It may answer for AKT and NOS unless told otherwise; at first it gives no price. */
export function createTestSource(name: string, tokens: readonly string[] = ['AKT', 'NOS']): TestSource {
  let answer: Parameters<TestSource['gives']>[0] = []
  let calls = 0
  return {
    name,
    tokens,
    calls: () => calls,
    gives(next) {
      answer = next
    },
    async read() {
      calls += 1
      if (answer === 'nothing, ever') return new Promise<never>(() => undefined)
      if (answer instanceof Error) throw answer
      return [...answer]
    },
  }
}

export const priceFrom = (source: string, token: string, usdPerToken: string, atMs: number): TokenPrice => ({
  token,
  usdPerToken,
  source,
  atMs,
})
