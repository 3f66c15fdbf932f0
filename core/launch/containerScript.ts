// What runs in a job's own image where that is the machine: the script, its words for the shell, and what it is told.
import { readFileSync } from 'node:fs'

/** For a POSIX shell: `sh -c` this. */
export const CONTAINER_SCRIPT = readFileSync(new URL('./container.sh', import.meta.url), 'utf8')

/** For people, where the machine is the job's image. */
export const IMAGE_NEEDS = 'The image must have a shell (sh) and one of curl, wget, python3, node or perl.'

/** Where a provider looks for a server that it shows to everybody: a port that no usual program of a payer's opens. */
export const NO_SERVER_PORT = 65_535

/** Whoever has `machineUrl` is the machine. `isRestarted`: the provider starts a container again when it ends. */
export const containerEnv = (of: { machineUrl: string; isRestarted: boolean }): Record<string, string> => ({
  NECTO_URL: of.machineUrl,
  ...(of.isRestarted && { NECTO_REST: '1' }),
})
