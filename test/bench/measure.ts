// Runs something often enough to say how long it takes: warm-up, then the median and the slow tenth of many runs.

export interface Measured {
  readonly median: number
  /** Nine of ten runs were at most this. */
  readonly p90: number
  /** 99 of 100; the slowest where there were fewer. */
  readonly p99: number
  readonly runs: number
  /** Median processor time of one run of this process, all its threads, in ms: what a busy machine does not stretch. */
  readonly cpuMs?: number
}

/** Times `run` in ms. What `prepare` makes for each run is not timed. */
export async function measure<Input>(options: {
  runs: number
  warmUps: number
  prepare: () => Input | Promise<Input>
  run: (input: Input) => unknown
}): Promise<Measured> {
  const { runs, warmUps, prepare, run } = options
  const walls: number[] = []
  const cpus: number[] = []
  for (let i = -warmUps; i < runs; i++) {
    const input = await prepare()
    const cpuBefore = process.cpuUsage()
    const startedAt = performance.now()
    const result = run(input)
    // Awaiting what is no promise would add a turn of the loop.
    if (result instanceof Promise) await result
    const wallMs = performance.now() - startedAt
    const cpu = process.cpuUsage(cpuBefore)
    if (i < 0) continue
    walls.push(wallMs)
    cpus.push((cpu.user + cpu.system) / 1000)
  }
  return { ...summarize(walls), cpuMs: percentile(cpus, 0.5) }
}

/** The figures of values measured elsewhere, in whatever unit they have. */
export const summarize = (values: readonly number[]): Measured => ({
  median: percentile(values, 0.5),
  p90: percentile(values, 0.9),
  p99: percentile(values, 0.99),
  runs: values.length,
})

/** The nearest rank: a value that was really measured. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
