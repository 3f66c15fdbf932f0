// The user data of a rented instance: where its job is, and the script that runs it.
import { readFileSync } from 'node:fs'

const MACHINE = new URL('./machine.sh', import.meta.url)
// For booting, fetching a large image, and handing in what ran.
const GRACE_MINUTES = 45

/** What EC2 runs as root at the first boot. Neither what the job runs nor its secrets are in it. */
export function userData({ machineUrl, maxSeconds }: { machineUrl: string; maxSeconds: number }): string {
  const minutes = Math.ceil(maxSeconds / 60) + GRACE_MINUTES
  return `#!/bin/bash\nNECTO_URL='${machineUrl}'\nNECTO_LIMIT_MINUTES=${minutes}\n${readFileSync(MACHINE, 'utf8')}`
}
