// The pay page's routes: reading it, getting terms for a refund address, handing in the signature, asking how far it is.
import { type Context, Hono } from 'hono'
import { isAddressEqual } from 'viem'
import { z } from 'zod'
import { address } from '../../core/codecs.ts'
import { acceptAuthorization, authorizationInput } from '../../core/jobs/acceptAuthorization.ts'
import { findByLink, issueTerms, payRefusal } from '../../core/jobs/issueTerms.ts'
import type { Job } from '../../core/jobs/job.ts'
import { secretNames } from '../../core/jobs/secrets.ts'
import { readRefundAddress, signTerms } from '../../core/jobs/signTerms.ts'
import { createPayAnswers } from './payAnswers.ts'
import { payPage } from './payPage.ts'
import { createStatusOf } from './payStatus.ts'
import { toPayable } from './payTerms.ts'
import { answerRefusal, httpStatusOf, type WebRefusal } from './refusals.ts'
import type { WebOptions } from './webOptions.ts'

const termsInput = z.object({ refundTo: z.string().max(100), from: address.optional() })
const NO_LINK: WebRefusal = { code: 'unknown-link', why: 'There is no such payment link.' }
/** While a payment is on its way the page has no form in which a wallet could be named. */
const otherRefund = ({ state }: Job): WebRefusal => ({
  code: 'not-payable',
  why: `The terms that are signed here return the rest to another wallet than this one, so they are not yours to pay. No money moved. ${
    state === 'paying'
      ? 'Another wallet’s payment on them is on its way: wait here until it went through or was refused. After a refusal this page asks for a refund address again.'
      : 'Load the page again and name this wallet as the refund address.'
  }`,
})
const NO_TERMS: WebRefusal = {
  code: 'altered-terms',
  why: 'No terms were signed for this job yet. No money moved. Give a refund address first.',
}
const NO_JSON: WebRefusal = { code: 'wrong-content-type', why: 'This takes JSON. No money moved.' }

export function createPayRoutes(options: WebOptions, assets: string): Hono {
  const { context, domain, chain, publicUrl, checkContractSignature } = options
  const { clock, escrow, policy } = context
  const app = new Hono()
  const statusOf = createStatusOf(options)
  const answers = createPayAnswers(options)

  app.get('/pay/:token', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    return job ? showPage(c, await withTermsFor(job, c.req.query('refundTo'))) : c.notFound()
  })

  app.get('/pay/:token/status', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    return job ? c.json(await statusOf(job)) : answerRefusal(c, NO_LINK)
  })

  // While the relay has not sent it yet the payer may: of the same terms only one payment can count.
  app.get('/pay/:token/direct', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    if (!job) return answerRefusal(c, NO_LINK)
    const from = address.safeParse(c.req.query('from')).data
    if (!from) return answerRefusal(c, { code: 'bad-request', why: 'Which wallet pays? No money moved.' })
    const refused = job.state === 'paying' && !job.paymentTx ? undefined : payRefusal(job, clock.now())
    if (refused) return answerRefusal(c, refused)
    // Whoever has the link may have had terms signed that return the rest to themselves; nobody else shall pay on those.
    // A wallet whose authorization is held has signed these very terms, whatever wallet they return the rest to.
    const hasSigned = job.authorization !== undefined && isAddressEqual(job.authorization.from, from)
    if (job.terms && !hasSigned && !isAddressEqual(job.terms.refundTo, from)) return answerRefusal(c, otherRefund(job))
    const direct = answers.direct(job, from)
    return direct ? c.json({ ok: true, ...direct }) : answerRefusal(c, NO_TERMS)
  })

  app.post('/pay/:token/terms', async (c) => {
    const linkToken = c.req.param('token')
    const body = await readBody(c)
    if ('code' in body) return answerRefusal(c, body)
    const input = termsInput.safeParse(body.value).data
    if (!input) return answerRefusal(c, { code: 'bad-request', why: 'A refund address is needed. No money moved.' })
    const issued = await issueTerms({ context, linkToken, refundTo: input.refundTo.trim() })
    if (body.form) {
      if (issued.ok) return c.redirect(`/pay/${linkToken}?refundTo=${issued.terms.refundTo}#signed`, 303)
      const job = await findByLink(context, linkToken)
      return job ? showPage(c, await withTermsFor(job), { ...issued, refundTo: input.refundTo }) : c.notFound()
    }
    return issued.ok ? c.json(answers.terms(issued, input.from)) : answerRefusal(c, issued)
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
    return answer.ok ? c.json({ ok: true, ...(await statusOf(answer.job)) }) : answerRefusal(c, answer)
  })

  return app

  /** While it can be paid, terms are shown only to whoever names their refund address: others may have asked for theirs. */
  async function withTermsFor(job: Job, refundTo = ''): Promise<Job> {
    const { terms, quoteSignature: _, jobId: __, ...unsigned } = job
    if (payRefusal(job, clock.now())) return job
    const read = readRefundAddress(context, refundTo)
    if (!terms || 'why' in read) return unsigned
    return { ...job, ...(await signTerms({ place: context, job, refundTo: read.address, salt: terms.salt })) }
  }

  async function showPage(c: Context, job: Job, refused?: WebRefusal & { refundTo: string }): Promise<Response> {
    const { terms } = job
    const view = await payPage({
      assets,
      token: job.linkToken ?? '',
      payable: await toPayable(options, job),
      status: await statusOf(job),
      publicUrl,
      chain,
      router: escrow.router,
      startSeconds: policy.startSeconds,
      nowMs: clock.now(),
      secretCount: (await secretNames(context, job.ref)).length,
      typedData: terms && answers.typedData(terms, terms.refundTo),
      refused: refused && { why: refused.why, refundTo: refused.refundTo },
    })
    return c.html(view, refused ? httpStatusOf(refused) : 200)
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
