// What the pay page's script asks of its server; every answer is either what was wanted or a refusal in words.
import type { DirectPayment, RefusalAnswer, StatusAnswer, TermsAnswer } from '../messages.ts'

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
  /** For terms that were issued; while a signature waits for the relay too. */
  direct(from: string): Promise<(DirectPayment & { readonly ok: true }) | RefusalAnswer | NoAnswer>
  /** undefined: no answer now. */
  status(): Promise<StatusAnswer | undefined>
}

export function createPayServer(token: string): PayServer {
  const base = `/pay/${token}`
  const ask = async <Answer>(path: string, init: RequestInit = {}): Promise<Answer | NoAnswer> => {
    try {
      const reply = await fetch(`${base}/${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
      return (await reply.json()) as Answer
    } catch {
      return {
        ok: false,
        code: 'no-answer',
        why: 'The server did not answer. Nothing was signed and no money moved. Check your connection and try again.',
      }
    }
  }
  const post = <Answer>(path: string, body: object) =>
    ask<Answer>(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    terms: (input) => post('terms', input),
    authorize: (input) => post('authorization', input),
    direct: (from) => ask(`direct?from=${from}`),
    async status() {
      const status = await ask<StatusAnswer | RefusalAnswer>('status')
      return 'phase' in status ? status : undefined
    },
  }
}
