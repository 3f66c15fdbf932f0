// `necto smoke`: one tiny real job over the configured networks, from the listing to the payout, without chat.
import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { readArguments } from '../bots/terminal/readArguments.ts'
import { SETTINGS } from '../core/config.ts'
import { NectoError } from '../core/errors.ts'
import { createLog, createRedactor } from '../core/log.ts'
import { type ProcessContext, runProcess } from '../core/runProcess.ts'
import { readSettings, secretsOf } from '../core/settings.ts'
import { openLowdbStore } from '../core/store/lowdb.ts'
import { runSmoke } from './runSmoke.ts'
import { SMOKE_SETTINGS } from './smokeSettings.ts'

const TABLE = [...SETTINGS, ...SMOKE_SETTINGS]

await runProcess(smoke, SMOKE_SETTINGS)

async function smoke(context: ProcessContext): Promise<number> {
  const { env, clock, signal, say, warn } = context
  const read = readArguments('smoke', process.argv.slice(2))
  if ('why' in read || read.words.length > 0) {
    warn('why' in read ? read.why : `What is "${read.words[0]}"? See necto help smoke.`)
    return 2
  }
  const wait = read.values.wait?.at(-1) ?? '300'
  if (!/^[1-9]\d{0,4}$/.test(wait)) {
    warn(`--wait is a whole number of seconds, not "${wait}".`)
    return 2
  }
  try {
    return await runSmoke({
      config: readSettings(TABLE, env),
      env,
      network: read.values.network?.at(-1),
      agrees: read.switches.has('yes'),
      waitMs: Number(wait) * 1000,
      clock,
      signal,
      print: say,
      ask: process.stdin.isTTY === true && process.stdout.isTTY === true ? askPerson : undefined,
      makeFolder: () => mkdtemp(path.join(tmpdir(), 'necto-smoke-')),
      removeFolder: (folder) => rm(folder, { recursive: true, force: true }),
      openStore: (directory) => openLowdbStore({ directory }),
      openLog: (file) =>
        createLog({
          redact: createRedactor(secretsOf(TABLE, env)),
          write: (line) => appendFileSync(file, line, { mode: 0o600 }),
        }),
    })
  } catch (error) {
    if (!(error instanceof NectoError) || !error.code.startsWith('config.')) throw error
    warn(error.message)
    return 2
  }

  async function askPerson(prompt: string): Promise<string> {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    try {
      return (await lines.question(prompt, { signal })).trim()
    } finally {
      lines.close()
    }
  }
}
