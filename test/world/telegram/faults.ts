// Faults on demand: the next calls of a method fail, come late, or lose their connection.
import { ApiError, tooManyRequests } from './apiError.ts'

/** `drop`: the connection closes without an answer, `before` the call took effect or `after`. */
export type Fault =
  | { readonly kind: 'status'; readonly code: 500 | 502 | 503 | 504 }
  | { readonly kind: 'tooManyRequests'; readonly retryAfterSeconds: number }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }

export interface Faults {
  /** Makes the next `times` calls (1 by default) of a method, or of any, misbehave; `chatId`: only those to this chat. */
  failNext(options: {
    readonly method?: string
    readonly chatId?: number
    readonly times?: number
    readonly fault: Fault
  }): void
  /** The fault of this call, used up by asking. */
  take(call: { readonly method: string; readonly chatId: unknown }): Fault | undefined
}

const statusTexts = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** The error a fault answers with, if it answers at all. */
export function faultError(fault: Fault | undefined): ApiError | undefined {
  if (fault?.kind === 'status') return new ApiError(fault.code, statusTexts[fault.code])
  if (fault?.kind === 'tooManyRequests') return tooManyRequests(fault.retryAfterSeconds)
  return undefined
}

/** Faults in the order they were asked for. */
export function createFaults(): Faults {
  const planned: { method: string | undefined; chatId: number | undefined; left: number; fault: Fault }[] = []
  return {
    failNext({ method, chatId, times = 1, fault }) {
      planned.push({ method: method?.toLowerCase(), chatId, left: times, fault })
    },
    take(call) {
      const plan = planned.find(
        ({ left, method, chatId }) =>
          left > 0 &&
          (method === undefined || method === call.method.toLowerCase()) &&
          (chatId === undefined || chatId === Number(call.chatId)),
      )
      if (!plan) return undefined
      plan.left -= 1
      return plan.fault
    },
  }
}
