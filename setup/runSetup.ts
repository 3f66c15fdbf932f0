// `necto setup`: every question in turn, and what is still missing in the end.
import type { CommandSpec } from '../bots/chat/commandSpec.ts'
import type { Clock } from '../core/clock.ts'
import { START_NEEDS } from '../core/config.ts'
import { providerModules } from '../core/providers/registry.ts'
import type { Env } from '../core/settings.ts'
import { openAnswers } from './answers.ts'
import { askBackstop } from './backstop.ts'
import { askChats, type Bots, type ChatAccounts } from './chats.ts'
import { settleContracts } from './contracts.ts'
import { type Ask, createDialog, type Dialog, type Mode } from './dialog.ts'
import { askEscrow } from './escrow.ts'
import { inviteLinks, registerCommands } from './finish.ts'
import { askKeys, showBalances } from './keys.ts'
import { askNetwork } from './network.ts'
import { askPlace } from './place.ts'
import { askProviders } from './providers.ts'
import { askStorage } from './storage.ts'

const INTRO =
  'Setting up Necto. Enter takes what stands in [brackets], a dash takes out what may be left out, Ctrl-C stops.'

/**
 * Runs it; exit code 0 when `necto start` can begin, 1 when something is wrong, 2 when answers are missing that nobody
 * is there to give, 130 when it was stopped. What was answered stands in `file` from the moment it was found right.
 */
export async function runSetup(options: {
  mode: Mode
  /** Costs are agreed to where nobody is asked. */
  agrees: boolean
  file: string
  env: Env
  accounts: ChatAccounts
  commands: readonly CommandSpec[]
  clock: Clock
  signal: AbortSignal
  ask: Ask
  print: (text: string) => void
}): Promise<number> {
  const { mode, file, commands, signal, print } = options
  const answers = await openAnswers(options)
  const dialog = createDialog({ ...options, answers })
  print(`${INTRO}\nEach answer is checked at once and kept in ${file}.`)
  try {
    if (mode !== 'check' && (await answers.makePrivate()))
      dialog.note(`${file} could be read by others; now only by you.`)
    const bots = await askAll(dialog, options.accounts)
    if (dialog.missing.length > 0 || dialog.faults.length > 0) return refuse(dialog, file)
    const lacking = START_NEEDS.filter((key) => answers.get(key) === undefined)
    if (mode === 'check') {
      print(lacking.length === 0 ? '\nAll is well: ./necto start can begin.' : stillNeeds(lacking))
      return lacking.length === 0 ? 0 : 1
    }
    dialog.heading('Commands and invitations')
    await registerCommands(dialog, bots, commands)
    for (const line of inviteLinks(bots)) dialog.say(line)
    conclude(dialog, lacking)
    return lacking.length === 0 ? 0 : 1
  } catch (error) {
    if (!signal.aborted) throw error
    print(`\n\nStopped. What you answered is in ${file}; ./necto setup goes on from there.`)
    return 130
  }
}

async function askAll(dialog: Dialog, accounts: ChatAccounts): Promise<Bots> {
  const heading = (number: number, text: string) => dialog.heading(`${number} of 9  ${text}`)
  heading(1, 'Network')
  await askNetwork(dialog)
  heading(2, 'Bots')
  const bots = await askChats(dialog, accounts)
  heading(3, 'Escrow chain')
  const escrow = await askEscrow(dialog)
  heading(4, '0G storage')
  const storage = await askStorage(dialog)
  heading(5, 'Keys')
  const wallets = await askKeys(dialog)
  await showBalances({ dialog, wallets, escrow, storage })
  heading(6, 'Backstop')
  await askBackstop({ dialog, wallets, escrow })
  heading(7, 'Address and admins')
  await askPlace(dialog)
  heading(8, 'Machines at other providers')
  await askProviders(dialog, providerModules)
  heading(9, 'Contracts')
  if (escrow) await settleContracts(dialog, escrow, wallets)
  else dialog.note('First the escrow chain has to answer.')
  return bots
}

function refuse(dialog: Dialog, file: string): number {
  const { missing, faults, mode } = dialog
  dialog.heading('Not ready')
  if (missing.length > 0)
    dialog.say(
      `Missing: ${missing.join(', ')}. Set them in the environment or in ${file}, or run ./necto setup in a terminal.`,
    )
  for (const fault of faults) dialog.say(`- ${fault}`)
  if (mode === 'check') dialog.say('Nothing was changed.')
  return missing.length > 0 ? 2 : 1
}

const stillNeeds = (keys: readonly string[]) => `\n./necto start cannot begin without ${keys.join(', ')}.`

function conclude(dialog: Dialog, lacking: readonly string[]): void {
  dialog.heading('Next')
  const lines = [
    lacking.length > 0 && `./necto setup again: start still needs ${lacking.join(', ')}`,
    './necto doctor --check asks everything once more',
    './necto start runs bots, pages and keeper',
    'add the bots with the links above; in Telegram leave privacy mode on, and make the bot no admin',
    dialog.answers.get('BACKSTOP_KEY') !== undefined &&
      './necto backstop on another machine, with the settings that ./necto help backstop names',
    'keep a copy of the settings file away from this machine: the keys stand nowhere else',
  ].filter((line) => line !== false)
  for (const [index, line] of lines.entries()) dialog.say(`${index + 1}. ${line}`)
}
