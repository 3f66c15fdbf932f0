// Launchers that refuse what their accounts may not rent, once that is known: asked in the background, again every hour.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import type { Log } from '../log.ts'
import { withTimeLimit } from '../timeLimit.ts'
import type { Launcher, Standing } from './launcher.ts'

const AGAIN_MS = 3_600_000
// Nobody answered: what was known holds meanwhile.
const UNKNOWN_AGAIN_MS = 300_000
const ASK_MS = 30_000

/** The launchers in their order; `run` asks until the signal. Before the first answer nothing is refused. */
export function withStandings(options: { launchers: readonly Launcher[]; clock: Clock; log: Log }): {
  readonly launchers: readonly Launcher[]
  run(signal: AbortSignal): Promise<void>
} {
  const { clock, log } = options
  const known = new Map<string, Standing>()

  async function watch(launcher: Launcher, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const standing = await standingOf({ launcher, clock, signal })
      if (standing && !standing.mayRent && known.get(launcher.provider)?.mayRent !== false)
        log.warn({ msg: 'a provider lets Necto rent nothing', provider: launcher.provider, reason: standing.text })
      if (standing) known.set(launcher.provider, standing)
      await clock.sleep(standing ? AGAIN_MS : UNKNOWN_AGAIN_MS, signal).catch(() => {})
    }
  }

  return {
    launchers: options.launchers.map((launcher) => ({
      ...launcher,
      refuses(...of) {
        const standing = known.get(launcher.provider)
        return standing?.mayRent === false ? standing.text : launcher.refuses(...of)
      },
    })),
    async run(signal) {
      await Promise.all(options.launchers.map((launcher) => launcher.standing && watch(launcher, signal)))
    },
  }
}

/** What the provider says, a plain no included; undefined while nobody knows. Throws only for the signal. */
async function standingOf(options: {
  launcher: Launcher
  clock: Clock
  signal: AbortSignal
}): Promise<Standing | undefined> {
  const { launcher, clock, signal } = options
  const timeout = new NectoError('launch.timeout', 'The provider did not answer.', { retry: 'later' })
  try {
    return await withTimeLimit({ clock, signal, timeoutMs: ASK_MS, timeout }, async (limited) =>
      launcher.standing?.(limited),
    )
  } catch (error) {
    if (!(error instanceof NectoError) || error.retry !== 'never') return undefined
    return { mayRent: false, text: error.message.replace(/\.$/, '') }
  }
}
