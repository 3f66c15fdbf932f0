// The job page's routes: the page, its state, and the encrypted files as they were stored.
import { type Context, Hono } from 'hono'
import type { Hex } from 'viem'
import { errorText } from '../../core/errors.ts'
import { fetchBytes } from '../../core/http.ts'
import { findByLink } from '../../core/jobs/issueTerms.ts'
import { sealLogTail } from '../../core/jobs/logTail.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { gatewayFileUrl } from '../../core/zerog/gatewayFileUrl.ts'
import { jobPage } from './jobPage.ts'
import { createStatusOf } from './payStatus.ts'
import { answerRefusal } from './refusals.ts'
import type { WebOptions } from './webOptions.ts'

const GATEWAY_MS = 20_000

export function createJobRoutes(options: WebOptions, assets: string): Hono {
  const { context, chain, gatewayUrl, log } = options
  const statusOf = createStatusOf(options)
  const app = new Hono()

  app.get('/job/:token', async (c) => {
    const token = c.req.param('token')
    const job = await findByLink(context, token)
    const nowMs = context.clock.now()
    const { router } = context.escrow
    return job ? c.html(jobPage({ assets, token, job, chain, router, gatewayUrl, nowMs })) : c.notFound()
  })

  app.get('/job/:token/status', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    if (!job) return answerRefusal(c, { code: 'unknown-link', why: 'There is no such job link.' })
    return c.json(await statusOf(job))
  })

  // Encrypted under the job's result key, which no request carries: with the link alone it opens nothing.
  app.get('/job/:token/tail', async (c) => {
    const job = await findByLink(context, c.req.param('token'))
    const from = Number(/^\d{1,9}$/.exec(c.req.query('from') ?? '0')?.[0] ?? Number.NaN)
    const tail = job && Number.isSafeInteger(from) ? await sealLogTail({ context, job, from }) : undefined
    if (!tail) return answerRefusal(c, { code: 'not-found', why: 'There is no log that grows here.' })
    c.header('Log-Next', String(tail.next))
    if (!tail.bytes) return c.body(null, 204)
    return c.body(tail.bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/octet-stream' })
  })

  // As it lies on 0G, where everybody can read it.
  app.get('/job/:token/evidence.json', async (c) => {
    const root = (await findByLink(context, c.req.param('token')))?.evidence?.root
    const bytes = root && (await getUploaded({ ...context, root }).catch(lost))
    if (!bytes) return answerRefusal(c, { code: 'not-found', why: 'There is no evidence here.' })
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/json' })
  })
  app.get('/job/:token/log.enc', (c) => sealedFile(c, 'log'))
  app.get('/job/:token/output.enc', (c) => sealedFile(c, 'output'))
  return app

  /** nonce ‖ ciphertext ‖ tag, see core/jobs/resultCipher.ts. */
  async function sealedFile(c: Context, kind: 'log' | 'output'): Promise<Response> {
    const job = await findByLink(context, c.req.param('token') ?? '')
    const file = job?.evidence?.[kind]
    const bytes = file && (await getUploaded({ ...context, root: file.root, fetchLost }).catch(lost))
    if (!bytes) return answerRefusal(c, { code: 'not-found', why: `There is no ${kind} here.` })
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/octet-stream' })
  }

  /** An object that is not here any more, from 0G. */
  async function fetchLost(root: Hex): Promise<Uint8Array> {
    const url = gatewayFileUrl(gatewayUrl, root, root)
    const { clock } = context
    return (await fetchBytes({ url, clock, signal: AbortSignal.timeout(GATEWAY_MS), timeoutMs: GATEWAY_MS })).bytes
  }

  /** 0G has it too, and the page says where. */
  function lost(error: unknown): undefined {
    log.warn({ msg: 'our copy of a result cannot be read', reason: errorText(error) })
  }
}
