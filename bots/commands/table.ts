// The table of commands: menus, help and dispatch all come from it.
import type { Command } from './app.ts'
import { capacityCommand } from './capacityCommand.ts'
import { createHelpCommands } from './helpCommand.ts'
import { jobCommand } from './jobCommand.ts'
import { jobsCommand } from './jobsCommand.ts'
import { logsCommand } from './logsCommand.ts'
import { sellCommand } from './sellCommand.ts'
import { stopCommand } from './stopCommand.ts'
import { verifyCommand } from './verifyCommand.ts'
import { walletCommand } from './walletCommand.ts'
import { whyCommand } from './whyCommand.ts'
import { whynotCommand } from './whynotCommand.ts'

/** Every command, in the order of the menus. */
export const COMMANDS: readonly Command[] = [
  jobCommand,
  jobsCommand,
  whyCommand,
  whynotCommand,
  verifyCommand,
  logsCommand,
  stopCommand,
  sellCommand,
  capacityCommand,
  walletCommand,
  ...createHelpCommands(() => COMMANDS),
]
