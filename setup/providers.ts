// Renting at other providers: Necto's own wallet and address for it, then each provider's key, shown to whom it belongs.
import { NectoError } from '../core/errors.ts'
import type { Launcher, Standing } from '../core/launch/launcher.ts'
import { launcherNeeds } from '../core/providers/launcherNeeds.ts'
import type { ProviderModule } from '../core/providers/module.ts'
import { settingOf } from './answers.ts'
import type { Dialog } from './dialog.ts'

const HELP =
  'Necto can rent machines at other providers with accounts of its own. The escrow pays a wallet of yours for that; the providers take it from those accounts.'

/** Asks for what every provider takes and then for each one's own settings; all may be left out. */
export async function askProviders(dialog: Dialog, modules: readonly ProviderModule[]): Promise<void> {
  const payout = await dialog.ask({
    key: 'BROKER_PAYOUT_ADDRESS',
    label: 'Wallet that is paid for machines at other providers',
    help: HELP,
    without: 'no machines at other providers, only their prices',
    check: async (address) => `paid to ${address}`,
  })
  if (payout === undefined) return
  const machinesUrl = await dialog.ask({
    key: 'MACHINES_URL',
    label: 'Address where rented machines reach Necto, with https',
    help: 'A name of yours whose https ends at SELLER_API_PORT of this machine.',
    without: 'no machines at other providers, only their prices',
    check: async (url) => `machines report to ${url}`,
  })
  if (machinesUrl === undefined) return
  for (const module of modules) if (module.launcher) await askProvider(dialog, module)
}

async function askProvider(dialog: Dialog, module: ProviderModule): Promise<void> {
  const { clock, answers } = dialog
  const { name } = module.create({ clock, env: {}, listings: async () => [] })
  const keys = launcherNeeds(module, { clock, env: {} })
  let standing: Standing | undefined
  for (const [at, key] of keys.entries()) {
    const given = await dialog.ask({
      key,
      label: `${name}: ${key}`,
      help: `${settingOf(key).meaning}.`,
      without: `no machines at ${name}`,
      async check(value, signal) {
        const launcher = module.launcher?.({ clock, env: { ...answers.env(), [key]: value } })
        if (launcher) standing = await ask(launcher, signal)
        // Half of a pair can only be shown together with the other.
        else if (at === keys.length - 1)
          throw new NectoError('setup.launcher', `With this ${name} still lacks a setting.`)
        return standing?.mayRent ? `${name}: ${standing.text}` : `${name}: ${key} kept`
      },
    })
    if (given === undefined) return
  }
  if (standing && !standing.mayRent) dialog.note(`${standing.text}; ${name} is priced only until it may.`)
}

const ask = async (launcher: Launcher, signal: AbortSignal): Promise<Standing> =>
  launcher.standing ? launcher.standing(signal) : { mayRent: true, text: 'all is set' }
