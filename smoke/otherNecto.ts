// A Necto with the same keys must not run meanwhile: both would use one key's transaction numbers, and each would send
// back the deposits that only the other knows.
import { stat } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import type { Config } from '../core/config.ts'
import { NectoError } from '../core/errors.ts'
import { fetchBytes } from '../core/http.ts'
import { type DirectoryLock, lockDirectory } from '../core/store/directoryLock.ts'

/** Keeps `necto start` from opening its store until released. Throws 'smoke.other-necto' when one runs already. */
export async function keepOthersOut(options: {
  config: Pick<Config, 'NECTO_DATA_DIR' | 'PUBLIC_URL'>
  clock: Clock
  signal: AbortSignal
}): Promise<Pick<DirectoryLock, 'release'>> {
  const { config, clock, signal } = options
  const { NECTO_DATA_DIR: folder, PUBLIC_URL: publicUrl } = config
  const answer = await fetchBytes({ url: `${publicUrl.replace(/\/+$/, '')}/health`, clock, signal, timeoutMs: 3_000 })
    .then(({ bytes }) => new TextDecoder().decode(bytes))
    .catch(() => '')
  signal.throwIfAborted()
  if (answer === '{"ok":true}') throw running(`at ${publicUrl}`)
  if (!(await stat(folder).catch(() => undefined))) return { release: async () => undefined }
  return lockDirectory(folder).catch((error: unknown) => {
    throw error instanceof NectoError && error.code === 'store.locked' ? running(`over ${folder}`) : error
  })
}

const running = (where: string) =>
  new NectoError(
    'smoke.other-necto',
    `A Necto runs ${where}, with these keys as it seems. Two at once would get in each other's way: stop it, then run this again.`,
    { retry: 'later' },
  )
