// Where Necto could rent machines for jobs and what stands against it: settings first, then what the accounts may do.
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Launcher } from '../../core/launch/launcher.ts'
import { launcherNeeds } from '../../core/providers/launcherNeeds.ts'
import type { ProviderModule } from '../../core/providers/module.ts'
import type { Env } from '../../core/settings.ts'
import { withTimeLimit } from '../../core/timeLimit.ts'

export interface RentingFinding {
  readonly provider: string
  readonly name: string
  /** Whether its offers can be booked, or are shown for their price alone. */
  readonly bookable: boolean
  /** What is not set. */
  readonly missing: readonly string[]
  readonly detail: string
}

interface Deps {
  readonly modules: readonly ProviderModule[]
  readonly env: Env
  readonly clock: Clock
}

// Of Necto itself, for whatever provider.
const BROKER_NEEDS = ['BROKER_PAYOUT_ADDRESS', 'MACHINES_URL']
// A dry run each, and a slow region.
const ASK_MS = 15_000

/** What the settings alone say of each provider. Settings that are not valid are thrown as 'config.invalid'. */
export function rentingFindings({ modules, env, clock }: Deps): RentingFinding[] {
  return modules.map((module) => {
    const { id, launcher } = module
    const { name } = module.create({ clock, env, listings: async () => [] })
    const of = { provider: id, name }
    if (id === 'necto') return { ...of, bookable: true, missing: [], detail: 'machines of its own sellers' }
    if (!launcher) return { ...of, bookable: false, missing: [], detail: 'Necto cannot rent machines there' }
    const missing = [...BROKER_NEEDS.filter((key) => !env[key]), ...launcherNeeds(module, { clock, env })]
    const detail = missing.length > 0 ? `${missing.join(', ')} not set` : 'all is set; --check asks the account'
    return { ...of, bookable: missing.length === 0, missing, detail }
  })
}

/** The same, with the accounts asked where all is set, by calls that change nothing. Throws only for the signal. */
export function checkRenting(
  findings: readonly RentingFinding[],
  { modules, env, clock, signal }: Deps & { signal: AbortSignal },
): Promise<RentingFinding[]> {
  return Promise.all(
    findings.map(async (finding) => {
      const module = modules.find(({ id }) => id === finding.provider)
      const launcher = finding.bookable ? module?.launcher?.({ clock, env }) : undefined
      return launcher?.standing ? { ...finding, ...(await ask({ launcher, clock, signal })) } : finding
    }),
  )
}

async function ask(options: { launcher: Launcher; clock: Clock; signal: AbortSignal }) {
  const { launcher, clock, signal } = options
  const timeout = new NectoError('doctor.timeout', `no answer within ${ASK_MS / 1000} s`, { retry: 'later' })
  try {
    const limit = { clock, signal, timeoutMs: ASK_MS, timeout }
    const standing = await withTimeLimit(limit, async (limited) => launcher.standing?.(limited))
    return standing && { bookable: standing.mayRent, detail: standing.text }
  } catch (error) {
    signal.throwIfAborted()
    // Texts of libraries carry whole addresses, which may hold a key.
    if (!(error instanceof NectoError)) return { detail: 'could not be asked' }
    return { ...(error.retry === 'never' && { bookable: false }), detail: error.message }
  }
}
