// The memory of a market that only waits, with its cache full, over one that has cached nothing.
import { z } from 'zod'
import { runProcess } from '../world/childProcess.ts'
import type { Bench, Row } from './bench.ts'
import { summarize } from './measure.ts'

const RUNS = 3
const usage = z.object({ offers: z.int(), rssMib: z.number(), heapMib: z.number() })

export const memoryBench: Bench = {
  name: 'memory',
  about: 'resident memory of an idle market with its cache full, in a process of its own',
  async run() {
    const empty = await startIdleMarkets('empty')
    const full = await startIdleMarkets('full')
    const offers = full[0]?.offers.toLocaleString('en') ?? ''
    return [
      row(
        'an idle market, nothing cached',
        empty.map(({ rssMib }) => rssMib),
      ),
      {
        ...row(
          `an idle market, ${offers} offers cached`,
          full.map(({ rssMib }) => rssMib),
        ),
        ratio: {
          value: median(full.map(({ rssMib }) => rssMib)) / median(empty.map(({ rssMib }) => rssMib)),
          to: 'nothing cached',
        },
      },
      row(
        '  of that in JavaScript',
        full.map(({ heapMib }) => heapMib),
      ),
    ]
  },
}

const row = (what: string, values: readonly number[]): Row => ({ what, unit: 'MiB', ...summarize(values) })
const median = (values: readonly number[]) => summarize(values).median

async function startIdleMarkets(cache: 'empty' | 'full') {
  const found: z.output<typeof usage>[] = []
  for (let run = 0; run < RUNS; run++) {
    const { code, output } = await runProcess({ args: ['--expose-gc', 'test/bench/idleMarket.ts', cache] })
    if (code !== 0) throw new Error(`the idle market ended with ${code}:\n${output}`)
    found.push(usage.parse(JSON.parse(output)))
  }
  return found
}
