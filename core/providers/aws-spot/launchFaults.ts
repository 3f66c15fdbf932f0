// What EC2 says when it will not rent a machine: for people, and whether anything may have been started.
import { z } from 'zod'
import { errorText, NectoError, type Retry } from '../../errors.ts'

const failure = z.object({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.int().optional() }).optional(),
})

/** The first that fits. 'later' only where EC2 has said that it started nothing and another zone or moment may do. */
const FAULTS: readonly (readonly [RegExp, Retry, code: string, text: string])[] = [
  [/^Insufficient/, 'later', 'capacity', 'AWS has no such machine free there just now.'],
  [/^SpotMaxPriceTooLow/, 'later', 'price', 'The spot price at AWS is above what was signed for just now.'],
  [/^Unsupported/, 'later', 'capacity', 'AWS does not have such machines in this zone.'],
  [
    /^(RequestLimitExceeded|Throttling|RequestThrottled|SlowDown|TooManyRequests)/,
    'later',
    'busy',
    'AWS asks to be left alone for a moment.',
  ],
  [
    /^(MaxSpotInstanceCountExceeded|VcpuLimitExceeded|InstanceLimitExceeded)/,
    'never',
    'quota',
    'Necto’s account at AWS may rent no more machines of this kind.',
  ],
  [
    /^(UnauthorizedOperation|AuthFailure|OptInRequired|Blocked|PendingVerification|InvalidClientTokenId|SignatureDoesNotMatch|MissingAuthenticationToken|ExpiredToken)/,
    'never',
    'refused',
    'Necto’s account at AWS is not allowed to rent machines there.',
  ],
  // The token was used with other settings before: that machine may run.
  [/^IdempotentParameterMismatch/, 'unknown', 'mismatch', 'AWS knows this request in another form.'],
]

/** Any failure of a call to EC2 as ours. */
export function launchFault(cause: unknown): NectoError {
  if (cause instanceof NectoError) return cause
  const { name = '', $metadata } = failure.safeParse(cause).data ?? {}
  const details = `${name}: ${errorText(cause)}`
  const known = FAULTS.find(([pattern]) => pattern.test(name))
  if (known) return new NectoError(`aws-spot.${known[2]}`, known[3], { retry: known[1], details, cause })
  const status = $metadata?.httpStatusCode ?? 0
  const isRefused = status >= 400 && status < 500
  return isRefused
    ? new NectoError('aws-spot.request', `AWS does not take Necto’s request (${name}).`, { details, cause })
    : new NectoError('aws-spot.unreachable', 'AWS did not answer as it should.', { retry: 'unknown', details, cause })
}
