// `necto setup`'s composition root: a terminal to ask on, the settings file, and the platforms that tokens are shown to.
import { COMMANDS } from '../bots/commands/table.ts'
import { openDiscordAccount } from '../bots/discord/account.ts'
import { openTelegramAccount } from '../bots/telegram/account.ts'
import { readArguments } from '../bots/terminal/readArguments.ts'
import { type ProcessContext, runProcess } from '../core/runProcess.ts'
import type { Ask, Mode } from './dialog.ts'
import { runSetup } from './runSetup.ts'
import { createTerminalAsk } from './terminalAsk.ts'

await runProcess(setup)

async function setup({ env, clock, signal, say, warn }: ProcessContext): Promise<number> {
  const read = readArguments('setup', process.argv.slice(2))
  if ('why' in read || read.words.length > 0) {
    warn('why' in read ? read.why : `What is "${read.words[0]}"? See necto help setup.`)
    return 2
  }
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  const mode: Mode = read.switches.has('check') ? 'check' : read.switches.has('yes') || !isTerminal ? 'defaults' : 'ask'
  const terminal =
    mode === 'ask'
      ? createTerminalAsk({
          input: process.stdin,
          output: process.stdout,
          signal,
          onInterrupt: () => process.kill(process.pid, 'SIGINT'),
        })
      : undefined
  // Only a dialog with a person asks.
  const nobody: Ask = async () => ''
  try {
    return await runSetup({
      mode,
      agrees: read.switches.has('yes'),
      file: env.NECTO_ENV_FILE ?? '.env',
      env,
      accounts: {
        telegram: (token, apiRoot) => openTelegramAccount({ token, apiRoot }),
        discord: (token, apiRoot) => openDiscordAccount({ token, apiRoot }),
      },
      commands: COMMANDS,
      clock,
      signal,
      ask: terminal?.ask ?? nobody,
      print: say,
    })
  } finally {
    terminal?.close()
  }
}
