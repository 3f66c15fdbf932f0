// How memory and the time to settle one job grow with the jobs that run beside it, each number in a process of its own.
import { z } from 'zod'
import { runProcess } from '../world/childProcess.ts'
import type { Bench, Row } from './bench.ts'
import { summarize } from './measure.ts'

const NUMBERS = [100, 1_000, 10_000] as const
const answer = z.object({
  rssMib: z.number(),
  ms: z.object({ median: z.number(), p90: z.number(), p99: z.number(), runs: z.int() }),
})

export const openJobsBench: Bench = {
  name: 'open',
  about: 'memory, and the end of one job, with 100 to 10,000 jobs running',
  async run() {
    const rows: Row[] = []
    let first: z.output<typeof answer> | undefined
    for (const number of NUMBERS) {
      const { code, output } = await runProcess({ args: ['--expose-gc', 'test/bench/openJobs.ts', String(number)] })
      if (code !== 0) throw new Error(`the process with ${number} jobs ended with ${code}:\n${output}`)
      const found = answer.parse(JSON.parse(output))
      first ??= found
      const among = `with ${number.toLocaleString('en')} jobs running`
      const to = `with ${NUMBERS[0]}`
      rows.push(
        {
          what: `resident memory ${among}`,
          unit: 'MiB',
          ...summarize([found.rssMib]),
          ratio: { value: found.rssMib / first.rssMib, to },
        },
        {
          what: `a job's end to its settlement sent, ${among}`,
          unit: 'ms',
          ...found.ms,
          ratio: { value: found.ms.median / first.ms.median, to },
        },
      )
    }
    return rows
  },
}
