// The table of commands: menus, help and dispatch all come from it.
import { aboutCommand } from './aboutCommand.ts'
import type { Command } from './app.ts'
import { auditCommand } from './auditCommand.ts'
import { capacityCommand } from './capacityCommand.ts'
import { createHelpCommand } from './helpCommand.ts'
import { jobCommand } from './jobCommand.ts'
import { jobsCommand } from './jobsCommand.ts'
import { logsCommand } from './logsCommand.ts'
import { pricesCommand } from './pricesCommand.ts'
import { reportCommand } from './reportCommand.ts'
import { sellCommand } from './sellCommand.ts'
import { spendCommand } from './spendCommand.ts'
import { createStartCommand } from './startCommand.ts'
import { stopCommand } from './stopCommand.ts'
import { teamCommand } from './teamCommand.ts'
import { verifyCommand } from './verifyCommand.ts'
import { walletCommand } from './walletCommand.ts'
import { whyCommand } from './whyCommand.ts'
import { whynotCommand } from './whynotCommand.ts'

/** Every command, in the order of the menus. */
export const COMMANDS: readonly Command[] = [
  jobCommand,
  jobsCommand,
  pricesCommand,
  whyCommand,
  whynotCommand,
  verifyCommand,
  logsCommand,
  stopCommand,
  sellCommand,
  capacityCommand,
  walletCommand,
  teamCommand,
  auditCommand,
  spendCommand,
  reportCommand,
  aboutCommand,
  createHelpCommand(() => COMMANDS),
  createStartCommand(() => COMMANDS),
]
