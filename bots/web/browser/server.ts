// What the pay page's script asks of its server; every answer is either what was wanted or a refusal in words.
import type { RefusalAnswer, StatusAnswer, TermsAnswer } from '../messages.ts'

const TIMEOUT_MS = 20_000

/** No answer came: whether the request was acted on is not known. */
export interface NoAnswer {
  readonly ok: false
  readonly code: 'no-answer'
  readonly why: string
}

export interface PayServer {
  terms(input: { refundTo: string; from: string }): Promise<TermsAnswer | RefusalAnswer | NoAnswer>
  authorize(input: object): Promise<(StatusAnswer & { readonly ok: true }) | RefusalAnswer | NoAnswer>
  /** undefined: no answer now. */
  status(): Promise<StatusAnswer | undefined>
}

export function createPayServer(token: string): PayServer {
  const base = `/pay/${token}`
  const post = async <Answer>(path: string, body: object): Promise<Answer | NoAnswer> => {
    try {
      const reply = await fetch(`${base}/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      return (await reply.json()) as Answer
    } catch {
      return { ok: false, code: 'no-answer', why: 'The server did not answer. Check your connection and try again.' }
    }
  }
  return {
    terms: (input) => post('terms', input),
    authorize: (input) => post('authorization', input),
    async status() {
      try {
        const reply = await fetch(`${base}/status`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
        return reply.ok ? ((await reply.json()) as StatusAnswer) : undefined
      } catch {
        return undefined
      }
    },
  }
}
