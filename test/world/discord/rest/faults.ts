// Faults on demand: the next calls of a route fail, come late, or lose their connection.
import { DiscordError } from '../apiError.ts'
import { tooManyRequests } from './rateLimits.ts'

/** `drop`: the connection closes without an answer, `before` the call took effect or `after`. */
export type Fault =
  | { readonly kind: 'status'; readonly status: 500 | 502 | 503 | 504 }
  | { readonly kind: 'refuse'; readonly status: number; readonly code: number; readonly message: string }
  | { readonly kind: 'tooManyRequests'; readonly retryAfterMs: number; readonly isGlobal?: boolean }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }

export interface Faults {
  /** Makes the next `times` calls (1 by default) whose route contains `route`, or any, misbehave. */
  failNext(options: { readonly route?: string; readonly times?: number; readonly fault: Fault }): void
  /** The fault of this call, used up by asking. */
  take(route: string): Fault | undefined
}

/** The refusal a fault answers with, if it answers at all. */
export function faultError(fault: Fault | undefined): DiscordError | undefined {
  if (fault?.kind === 'status') return new DiscordError({ ...fault, code: 0, message: `${fault.status}: Server Error` })
  if (fault?.kind === 'refuse') return new DiscordError(fault)
  if (fault?.kind === 'tooManyRequests')
    return tooManyRequests({ waitMs: fault.retryAfterMs, isGlobal: fault.isGlobal ?? false })
  return undefined
}

/** Faults in the order they were asked for. */
export function createFaults(): Faults {
  const planned: { readonly route: string; left: number; readonly fault: Fault }[] = []
  return {
    failNext({ route = '', times = 1, fault }) {
      planned.push({ route, left: times, fault })
    },
    take(route) {
      const plan = planned.find((one) => one.left > 0 && route.includes(one.route))
      if (!plan) return undefined
      plan.left -= 1
      return plan.fault
    },
  }
}
