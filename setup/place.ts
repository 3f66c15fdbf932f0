// Where people reach the pages, and who approves sellers.

import { NectoError } from '../core/errors.ts'
import { settingOf } from './answers.ts'
import type { Dialog } from './dialog.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']
// What a connection says that found the host, and with it nobody who can be trusted to be it.
const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/

/** Asks for both. */
export async function askPlace(dialog: Dialog): Promise<void> {
  await dialog.ask({
    key: 'PUBLIC_URL',
    label: 'Public address',
    help: 'Where people reach the pay, job and verify pages: an https address that your proxy passes on to this machine.',
    fallback: settingOf('PUBLIC_URL').fallback,
    check: checkPublicUrl,
  })
  await dialog.ask({
    key: 'NECTO_ADMINS',
    label: 'Who approves sellers',
    help: 'Numeric ids with their platform, and commas between: telegram:123456789,discord:80351110224678912.\nDiscord: Developer Mode on, Copy User ID. Telegram: in the profile of apps that show it, or ask @userinfobot.',
    without: 'nobody, so no sellers are listed',
    async check(value) {
      const ids = value.split(',').map((id) => id.trim())
      const bad = ids.find((id) => !/^(telegram:[1-9]\d{0,15}|discord:\d{17,20})$/.test(id))
      if (bad !== undefined)
        throw new NectoError('setup.admin', `"${bad}" is none. Write telegram: or discord:, then the number; no @name.`)
      return `${ids.length === 1 ? 'one person approves' : `${ids.length} people approve`} sellers`
    },
  })
}

async function checkPublicUrl(value: string, signal: AbortSignal): Promise<string> {
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  if (!parsed) throw new NectoError('setup.url', 'It is no web address. Example: https://necto.example.com')
  if (value.replace(/\/$/, '') !== parsed.origin)
    throw new NectoError('setup.url', `Only the origin, without a path or more: ${parsed.origin}`)
  if (LOOPBACK.includes(parsed.hostname)) return `${value}: only this machine can open it, enough to try Necto out`
  if (parsed.protocol !== 'https:')
    throw new NectoError('setup.url', `Wallets and signatures need https: https://${parsed.host}`)
  const fault = await reach(value, signal)
  if (fault === undefined) return `${value} answers`
  if (fault === 'ENOTFOUND' || fault === 'EAI_AGAIN')
    throw new NectoError('setup.url', `No such host: ${parsed.hostname}. Its DNS entry has to come first.`, {
      retry: 'later',
    })
  if (BAD_CERTIFICATE.test(fault))
    throw new NectoError('setup.url', `Its certificate is not valid (${fault}).`, { retry: 'later' })
  return `${value} (nothing answers yet, as long as necto start or your proxy does not run)`
}

/** Undefined when anything answered, else the system's own code of what went wrong. */
async function reach(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
    await response.body?.cancel()
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    const { cause } = error as { cause?: { code?: unknown } }
    return typeof cause?.code === 'string' ? cause.code : 'failed'
  }
}
