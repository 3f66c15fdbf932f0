// What Necto's account at AWS may do, by dry runs of the calls that renting takes: nothing is started by them.
import { NectoError } from '../../errors.ts'
import type { Standing } from '../../launch/launcher.ts'
import type { LaunchEc2, RunRequest } from './launchEc2.ts'
import type { SpotQuota } from './spotQuotas.ts'

const REFUSED = /^(UnauthorizedOperation|AccessDenied)/
const UNKNOWN_KEYS =
  /^(AuthFailure|InvalidClientTokenId|SignatureDoesNotMatch|MissingAuthenticationToken|ExpiredToken|RequestExpired)/
// The call is allowed, and would have found no machine.
const NO_MATTER = /^(DryRunOperation|Insufficient|Unsupported|SpotMaxPriceTooLow|InvalidInstanceID)/

/** Throws `aws-spot.refused` where AWS does not know the keys. */
export async function awsStanding(options: {
  ec2: LaunchEc2
  order: RunRequest
  readQuotas: () => Promise<readonly SpotQuota[]>
}): Promise<Standing> {
  const { ec2, order, readQuotas } = options
  const calls = [
    ['ec2:RunInstances', { run: order }],
    ['ec2:DescribeInstances', 'describe'],
    ['ec2:TerminateInstances', 'terminate'],
  ] as const
  const refused: string[] = []
  for (const [name, call] of calls) {
    const answer = await ec2.dryRun(call)
    if (UNKNOWN_KEYS.test(answer)) throw new NectoError('aws-spot.refused', `AWS refused the credentials (${answer}).`)
    if (REFUSED.test(answer)) refused.push(name)
    else if (!NO_MATTER.test(answer))
      return { mayRent: false, text: `AWS does not take Necto’s order for a machine (${answer} at ${name})` }
  }
  if (refused.length > 0)
    return { mayRent: false, text: `Necto’s account at AWS lacks the right to ${refused.join(', ')}` }
  const quotas = await readQuotas()
  const shown = quotas.map(({ families, vcpus }) => `${vcpus} vCPUs of ${families}`).join(', ')
  const region = `spot quota in the region asked: ${shown || 'not readable'}`
  // Other regions may have more, so an empty one does not speak for the account.
  return { mayRent: true, text: `AWS lets Necto’s account rent and return machines; ${region}` }
}
