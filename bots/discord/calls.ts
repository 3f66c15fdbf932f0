// Calls of Discord's REST interface: never queued, never repeated but where twice is the same as once.
import { type RawFile, REST, type RequestMethod, type RouteLike } from 'discord.js'
import { z } from 'zod'
import { mapError, sortFailure } from './mapError.ts'

const TIMEOUT_MS = 15_000

export interface Call {
  readonly method: RequestMethod
  readonly route: RouteLike
  readonly body?: unknown
  readonly files?: RawFile[]
  /** Doing it twice is the same as once: then a lost answer is asked for once more. */
  readonly isRepeatable: boolean
  /** What the interaction's own token opens goes without the bot's. */
  readonly auth?: boolean
}

export type Calls = ReturnType<typeof createCalls>

/** discord.js would keep a call back until the rate limit has passed; here it fails, since by then it may be out of date. */
export function createCalls({ token, apiRoot }: { token: string; apiRoot: string | undefined }) {
  const rest = new REST({
    version: '10',
    timeout: TIMEOUT_MS,
    retries: 0,
    rejectOnRateLimit: () => true,
    ...(apiRoot !== undefined && { api: apiRoot }),
  }).setToken(token)

  const once = ({ method, route, body, files, auth = true }: Call): Promise<unknown> =>
    rest.request({ method, fullRoute: route, body, auth, ...(files && files.length > 0 && { files }) })

  return {
    rest,
    /** What Discord answered. Throws discord.js's errors, which `sortFailure` reads. */
    async run(call: Call): Promise<unknown> {
      try {
        return await once(call)
      } catch (thrown) {
        const failure = sortFailure(thrown, { method: call.method, isRepeatable: call.isRepeatable })
        const mayPass =
          failure.kind === 'error' && failure.error.code === 'chat.failed' && failure.error.retry === 'later'
        if (!mayPass || !call.isRepeatable) throw thrown
        return once(call)
      }
    },
    /** Ends its timers; calls still work. */
    stop(): void {
      rest.clearHashSweeper()
      rest.clearHandlerSweeper()
    },
  }
}

const withId = z.object({ id: z.string() })

/** The id in Discord's answer. Throws NectoError `chat.failed` (unknown) for an answer without one. */
export function idIn(answer: unknown, method: string): string {
  const read = withId.safeParse(answer)
  if (!read.success) throw mapError(new TypeError('no id in the answer'), { method, isRepeatable: false })
  return read.data.id
}
