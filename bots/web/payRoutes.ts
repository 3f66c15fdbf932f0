// The pay page's routes: reading it, getting terms for a refund address, handing in the signature, asking how far it is.
import { type Context, Hono } from 'hono'
import type { Address } from 'viem'
import { z } from 'zod'
import { address } from '../../core/codecs.ts'
import { authorizationTypedData, authorizationWindow } from '../../core/escrow/authorization.ts'
import { depositOf } from '../../core/escrow/metering.ts'
import { type Terms, termsToJson } from '../../core/escrow/terms.ts'
import { acceptAuthorization, authorizationInput } from '../../core/jobs/acceptAuthorization.ts'
import { findByLink, issueTerms } from '../../core/jobs/issueTerms.ts'
import type { Job } from '../../core/jobs/job.ts'
import { secretNames } from '../../core/jobs/secrets.ts'
import type { TermsAnswer, TypedDataJson } from './messages.ts'
import { payPage } from './payPage.ts'
import { payStatus } from './payStatus.ts'
import { toPayable } from './payTerms.ts'
import { answerRefusal, statusOf, type WebRefusal } from './refusals.ts'
import type { WebOptions } from './webOptions.ts'

const termsInput = z.object({ refundTo: z.string().max(100), from: address.optional() })
const NO_LINK: WebRefusal = { code: 'unknown-link', why: 'There is no such payment link.' }
const NO_JSON: WebRefusal = { code: 'wrong-content-type', why: 'This takes JSON. No money moved.' }

export function createPayRoutes(options: WebOptions, assets: string): Hono {
  const { context, domain, chain, checkContractSignature } = options
  const { clock, escrow, policy } = context
  const app = new Hono()
  const statusFor = (job: Job) => payStatus(job, { nowMs: clock.now(), explorerTxUrl: chain.explorerTxUrl })

  app.get('/pay/:token', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    return job ? showPage(c, job) : c.notFound()
  })

  app.get('/pay/:token/status', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    return job ? c.json(statusFor(job)) : answerRefusal(c, NO_LINK)
  })

  app.post('/pay/:token/terms', async (c) => {
    const linkToken = c.req.param('token')
    const body = await readBody(c)
    if ('code' in body) return answerRefusal(c, body)
    const input = termsInput.safeParse(body.value).data
    if (!input) return answerRefusal(c, { code: 'bad-request', why: 'A refund address is needed. No money moved.' })
    const issued = await issueTerms({ context, linkToken, refundTo: input.refundTo.trim() })
    if (body.form) {
      if (issued.ok) return c.redirect(`/pay/${linkToken}#signed`, 303)
      const job = await findByLink(context, linkToken)
      return job ? showPage(c, job, { ...issued, refundTo: input.refundTo }) : c.notFound()
    }
    return issued.ok ? c.json(termsAnswer(issued, input.from)) : answerRefusal(c, issued)
  })

  app.post('/pay/:token/authorization', async (c) => {
    const body = await readBody(c)
    if ('code' in body) return answerRefusal(c, body)
    if (body.form) return answerRefusal(c, NO_JSON)
    const input = authorizationInput.safeParse(body.value).data
    if (!input)
      return answerRefusal(c, { code: 'bad-request', why: 'This is no signed authorization. No money moved.' })
    const answer = await acceptAuthorization({
      context,
      domain,
      linkToken: c.req.param('token'),
      input,
      ...(checkContractSignature && { checkContractSignature }),
    })
    return answer.ok ? c.json({ ok: true, ...statusFor(answer.job) }) : answerRefusal(c, answer)
  })

  return app

  async function showPage(c: Context, job: Job, refused?: WebRefusal & { refundTo: string }): Promise<Response> {
    const { terms } = job
    const view = payPage({
      assets,
      token: job.linkToken ?? '',
      payable: await toPayable(context, job),
      status: statusFor(job),
      chain,
      router: escrow.router,
      startSeconds: policy.startSeconds,
      nowMs: clock.now(),
      secretNames: await secretNames(context, job.ref),
      typedData: terms && typedDataOf(terms, terms.refundTo),
      refused: refused && { why: refused.why, refundTo: refused.refundTo },
    })
    return c.html(view, refused ? statusOf(refused) : 200)
  }

  function typedDataOf(terms: Terms, from: Address): TypedDataJson {
    const window = authorizationWindow(terms, clock.now())
    return typedDataJson(authorizationTypedData({ domain, router: escrow.router, terms, from, ...window }))
  }

  function termsAnswer({ job, terms }: { job: Job; terms: Terms }, from: Address | undefined): TermsAnswer {
    const window = authorizationWindow(terms, clock.now())
    return {
      ok: true,
      jobId: job.jobId ?? '0x',
      chainId: escrow.chainId,
      router: escrow.router,
      terms: termsToJson(terms),
      quoteSignature: job.quoteSignature ?? '0x',
      depositMicroUsd: depositOf(terms).toString(),
      validAfter: window.validAfter.toString(),
      validBefore: window.validBefore.toString(),
      ...(from && { typedData: typedDataOf(terms, from) }),
    }
  }
}

// Wallets want the domain's type too, and numbers as strings.
function typedDataJson({
  domain,
  types,
  primaryType,
  message,
}: ReturnType<typeof authorizationTypedData>): TypedDataJson {
  return {
    domain,
    types: {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      ...types,
    },
    primaryType,
    message: {
      ...message,
      value: message.value.toString(),
      validAfter: message.validAfter.toString(),
      validBefore: message.validBefore.toString(),
    },
  }
}

/** A posted body: JSON, or a plain form's fields. */
async function readBody(c: Context): Promise<{ value: unknown; form: boolean } | WebRefusal> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  try {
    if (type === 'application/json') return { value: await c.req.json(), form: false }
    if (type === 'application/x-www-form-urlencoded') return { value: await c.req.parseBody(), form: true }
  } catch {
    return { code: 'bad-request', why: 'This could not be read. No money moved.' }
  }
  return NO_JSON
}
