// The job definition of one job at Nosana: its image, and the script that fetches the rest from Necto.
import { validateJobDefinition } from '@nosana/sdk/dist/types/job.js'
import { NectoError } from '../../errors.ts'
import { CONTAINER_SCRIPT, containerEnv } from '../../launch/containerScript.ts'

// Nosana counts from when a host takes the job: fetching a large image, and handing in what ran.
const GRACE_MINUTES = 30
const LEAST_MINUTES = 60

/** When Nosana itself ends the deployment, whatever happened to Necto. */
export const timeoutMinutes = (maxSeconds: number): number =>
  Math.max(LEAST_MINUTES, Math.ceil(maxSeconds / 60) + GRACE_MINUTES)

/** Command and secrets are not in it. The image is, and the machine's address: only for a confidential deployment. */
export function jobDefinition({ image, machineUrl }: { image: string; machineUrl: string }): unknown {
  return checked({
    version: '0.1',
    type: 'container',
    meta: { trigger: 'api' },
    ops: [
      {
        type: 'container/run',
        id: 'necto',
        args: {
          image,
          gpu: true,
          entrypoint: ['/bin/sh'],
          cmd: ['-c', CONTAINER_SCRIPT],
          env: containerEnv({ machineUrl, isRestarted: false }),
        },
      },
    ],
  })
}

/** Runs nothing; two words make two different ones. */
export const emptyDefinition = (word: string): unknown =>
  checked({
    version: '0.1',
    type: 'container',
    meta: { trigger: 'api' },
    ops: [{ type: 'container/run', id: word, args: { image: 'docker.io/library/busybox:1.37', cmd: ['true'] } }],
  })

function checked(definition: unknown): unknown {
  const judged = validateJobDefinition(definition)
  if (judged.success) return definition
  const details = JSON.stringify(judged.errors.map(({ path, expected }) => `${path}: ${expected}`))
  throw new NectoError('nosana.definition', 'Nosana cannot run this image: its name is not one.', { details })
}
