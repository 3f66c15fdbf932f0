// `necto bench`: how long the things take that people wait for, as medians and as ratios.
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, Row } from './bench.ts'
import { chatBench } from './chatBench.ts'
import { jobBench } from './jobBench.ts'
import { memoryBench } from './memoryBench.ts'
import { openJobsBench } from './openJobsBench.ts'
import { recordBench } from './recordBench.ts'
import { routerBench } from './routerBench.ts'
import { scanBench } from './scanBench.ts'
import { settleBench } from './settleBench.ts'
import { printTable } from './table.ts'

const BENCHES: readonly Bench[] = [
  routerBench,
  recordBench,
  scanBench,
  jobBench,
  chatBench,
  settleBench,
  openJobsBench,
  memoryBench,
]

const HELP = `necto bench [name ...] [--json]   all of them, or those named

${BENCHES.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}

A ratio is the median over that of something a busy machine slows just as much. Nothing here passes or fails.`

process.exitCode = await main()

async function main(): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n`)
  let parsed: ReturnType<typeof readArguments>
  try {
    parsed = readArguments()
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return 2
  }
  const { values, positionals } = parsed
  const unknown = positionals.find((word) => !BENCHES.some(({ name }) => name === word))
  if (values.help || unknown !== undefined) {
    say(`${unknown === undefined ? '' : `There is no bench "${unknown}".\n\n`}${HELP}`)
    return unknown === undefined ? 0 : 2
  }
  const benches = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const results: { name: string; rows: readonly Row[] }[] = []
  if (!values.json) say(machine())
  for (const bench of benches) {
    const rows = await bench.run()
    results.push({ name: bench.name, rows })
    if (!values.json) say(`\n${printTable(bench.name, rows)}`)
  }
  if (values.json) say(JSON.stringify({ machine: machine(), benches: results }, null, 2))
  return 0
}

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  })
}

/** "Node v24.11.1, linux x64, 2 × AMD EPYC, 24 GiB, load 0.56". */
function machine(): string {
  const all = cpus()
  const gib = Math.round(totalmem() / 2 ** 30)
  const load = loadavg()[0]?.toFixed(2)
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${all.length} × ${all[0]?.model.trim()}, ${gib} GiB, load ${load}`
}
