// How a job gets into an image at Dispersed, whose jobs name no command: through what bash reads before anything else.
import { NectoError } from '../../errors.ts'
import { CONTAINER_SCRIPT, containerEnv } from '../../launch/containerScript.ts'

/** For people: a whole sentence. */
export const DISPERSED_NEEDS =
  'At Dispersed the image must start with bash, as those of CUDA and PyTorch do, and have one of curl, wget, python3, node or perl.'

// A bash that runs no terminal expands BASH_ENV and reads the file of that name first; the script in it ends the bash.
const BEFORE_ALL = `$(f=$(mktemp) && printf %s "$NECTO_SCRIPT" >"$f" && echo "$f")`

export const bashEnv = (machineUrl: string): Record<string, string> => ({
  ...containerEnv({ machineUrl, isRestarted: false }),
  NECTO_SCRIPT: `unset BASH_ENV NECTO_SCRIPT\n${CONTAINER_SCRIPT}`,
  BASH_ENV: BEFORE_ALL,
})

/** "ghcr.io:443/acme/train:3" as Dispersed wants it. Throws for a digest, which it has no field for. */
export function imageAndTag(reference: string): { image: string; tag: string } {
  const [, image, tag] = /^([^@]+?)(?::([\w][\w.-]*))?$/.exec(reference) ?? []
  if (image) return { image, tag: tag ?? 'latest' }
  throw new NectoError('render.image', 'At Dispersed an image has a name and a tag, and cannot be given by its digest.')
}
