// How often a bot may call: fixed windows per route and channel or token, and a total per second; more gets 429.
import type { Clock } from '../../../../core/clock.ts'
import { DiscordError } from '../apiError.ts'
import type { RateSettings } from '../limits.ts'

export type Bucket = 'channel' | 'webhook' | 'other'

export interface RateLimits {
  /**
   * Counts a call and returns the headers that tell what is left. `name` is the bucket's public name, `major` the
   * channel or token within it. Throws 429, and then counts nothing.
   */
  take(call: {
    readonly bucket: Bucket | undefined
    readonly name: string
    readonly major: string
    readonly isGlobal: boolean
  }): Record<string, string>
}

interface Window {
  used: number
  endsAtMs: number
}

/** Keeps the windows, on the given clock. */
export function createRateLimits({ clock, settings }: { clock: Clock; settings: RateSettings }): RateLimits {
  const windows = new Map<string, Window>()

  function windowOf(key: string, perMs: number): Window {
    const known = windows.get(key)
    if (known && known.endsAtMs > clock.now()) return known
    const fresh = { used: 0, endsAtMs: clock.now() + perMs }
    windows.set(key, fresh)
    return fresh
  }

  return {
    take({ bucket, name, major, isGlobal }) {
      const total = windowOf('global', 1000)
      if (isGlobal && total.used >= settings.globalPerSecond)
        throw tooManyRequests({ waitMs: total.endsAtMs - clock.now(), isGlobal: true })
      if (!bucket) {
        if (isGlobal) total.used += 1
        return {}
      }
      const { requests, perMs } = settings[bucket]
      const window = windowOf(`${name} ${major}`, perMs)
      const waitMs = window.endsAtMs - clock.now()
      const headers = (remaining: number) => ({
        'x-ratelimit-limit': String(requests),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-reset': (window.endsAtMs / 1000).toFixed(3),
        'x-ratelimit-reset-after': (waitMs / 1000).toFixed(3),
        'x-ratelimit-bucket': name,
      })
      if (window.used >= requests) throw tooManyRequests({ waitMs, isGlobal: false, headers: headers(0) })
      window.used += 1
      if (isGlobal) total.used += 1
      return headers(requests - window.used)
    },
  }
}

/** 429 with the wait in its body and headers. */
export function tooManyRequests({
  waitMs,
  isGlobal,
  headers = {},
}: {
  waitMs: number
  isGlobal: boolean
  headers?: Record<string, string>
}): DiscordError {
  const seconds = (waitMs / 1000).toFixed(3)
  return new DiscordError({
    status: 429,
    code: 0,
    message: 'You are being rate limited.',
    rateLimit: { retryAfterSeconds: Number(seconds), isGlobal },
    headers: {
      ...headers,
      // Discord rounds this up to whole seconds; exact here, so that no test waits for nothing.
      'retry-after': seconds,
      'x-ratelimit-scope': isGlobal ? 'global' : 'user',
      ...(isGlobal ? { 'x-ratelimit-global': 'true' } : {}),
    },
  })
}
