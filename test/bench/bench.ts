// What a benchmark is: a name to ask for it by, and rows of figures.
import type { Measured } from './measure.ts'

export interface Row extends Measured {
  readonly what: string
  readonly unit: 'ms' | 'MiB' | '/s' | 'edits' | 'gas'
  /** The median over that of something that a busy machine slows just as much. */
  readonly ratio?: { readonly value: number; readonly to: string }
  /** What the median should be at most. */
  readonly aim?: number
}

export interface Bench {
  readonly name: string
  /** For the help: what it measures. */
  readonly about: string
  run(): Promise<readonly Row[]>
}
