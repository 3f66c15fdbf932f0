// Refusals as HTTP answers: one table from reason to status, one shape in JSON.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Refusal } from '../../core/jobs/issueTerms.ts'
import type { LinkRefusal } from '../../core/supply/linkRequest.ts'

/** Why a request was not done: the reasons of paying and of linking, and those of the web. */
export type WebRefusal = {
  readonly code:
    | Refusal['code']
    | LinkRefusal['code']
    | 'bad-request'
    | 'wrong-content-type'
    | 'foreign-origin'
    | 'too-large'
    | 'not-found'
    | 'internal'
  readonly why: string
}

const STATUS: Record<WebRefusal['code'], ContentfulStatusCode> = {
  'unknown-link': 404,
  'not-found': 404,
  'bad-request': 400,
  'foreign-origin': 403,
  'too-large': 413,
  'wrong-content-type': 415,
  expired: 410,
  used: 410,
  'void-link': 410,
  'wrong-code': 403,
  'wrong-account': 403,
  'change-waits': 409,
  'altered-message': 422,
  'bad-signature': 422,
  'chain-silent': 503,
  'already-paid': 409,
  'not-payable': 409,
  'no-capacity': 409,
  'altered-terms': 409,
  'relay-spent': 409,
  'bad-address': 422,
  'bad-secrets': 422,
  'bad-authorization': 422,
  'wrong-chain': 422,
  'wrong-amount': 422,
  internal: 500,
}

export const httpStatusOf = ({ code }: WebRefusal): ContentfulStatusCode => STATUS[code]

/** `{ok: false, code, why}` with the status of the reason. */
export const answerRefusal = (c: Context, { code, why }: WebRefusal): Response =>
  c.json({ ok: false, code, why }, STATUS[code])
