// What is printed while it is played: each step when it has happened, how long after the beginning, its transaction.
import type { Hex } from 'viem'
import type { Clock } from '../core/clock.ts'

export interface Story {
  heading(text: string): void
  /** A step that has been taken; `txHash` is shown as a link where the chain has an explorer. */
  done(text: string, tx?: { hash: Hex | undefined; explorerTxUrl: string | undefined }): void
  /** What holds it up. */
  note(text: string): void
  bad(text: string): void
  /** A line that belongs to the step before. */
  more(text: string): void
}

const TIME_WIDTH = 8

/** Times count from now. */
export function createStory(options: { clock: Clock; print: (text: string) => void }): Story {
  const { clock, print } = options
  const startedAtMs = clock.now()
  const time = () => `${((clock.now() - startedAtMs) / 1000).toFixed(1)} s`.padStart(TIME_WIDTH)
  const more = (text: string) => print(`${' '.repeat(TIME_WIDTH)}    ${text}`)
  return {
    heading: (text) => print(`\n${text}`),
    done(text, tx) {
      print(`${time()}  ✓ ${text}`)
      if (tx?.hash) more(tx.explorerTxUrl?.replace('{hash}', tx.hash) ?? `tx ${tx.hash}`)
    },
    note: (text) => print(`${time()}  … ${text}`),
    bad: (text) => print(`${time()}  ✗ ${text}`),
    more,
  }
}
