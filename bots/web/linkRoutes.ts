// The link page's routes: reading it, getting the text to sign, handing in the signature. Reading changes nothing.
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { hexBytes } from '../../core/codecs.ts'
import { acceptProof, askForProof, type ProofOutcome } from '../../core/supply/proveWallet.ts'
import { memberKey } from '../../core/teams/team.ts'
import { showDate } from '../views/words.ts'
import { linkPage } from './linkPage.ts'
import type { LinkedAnswer, LinkMessageAnswer } from './messages.ts'
import { answerRefusal, type WebRefusal } from './refusals.ts'
import type { WebOptions } from './webOptions.ts'

const asked = { purpose: z.enum(['link', 'agree']), code: z.string().max(20) }
const messageInput = z.strictObject({ ...asked, address: z.string().max(100) })
const signatureInput = z.strictObject({ ...asked, message: z.string().max(4_000), signature: hexBytes })

export function createLinkRoutes(options: WebOptions, assets: string): Hono {
  const { context, publicUrl, chain, checkMessageSignature } = options
  const site = { publicUrl, chainId: chain.chainId }
  const app = new Hono()

  app.get('/link/:token', async (c) => {
    const token = c.req.param('token')
    const request = (await context.walletLinkRequests.get(token))?.value
    if (!request) return c.notFound()
    const link = (await context.walletLinks.get(memberKey(request.person)))?.value
    return c.html(linkPage({ assets, token, request, link, nowMs: context.clock.now() }))
  })

  app.post('/link/:token/message', async (c) => {
    const input = await readInput(c, messageInput)
    if ('why' in input) return answerRefusal(c, input)
    const answer = await askForProof({ context, site, id: c.req.param('token'), ...input })
    if (!answer.ok) return answerRefusal(c, answer)
    return c.json({ ok: true, message: answer.message, address: answer.address } satisfies LinkMessageAnswer)
  })

  app.post('/link/:token/signature', async (c) => {
    const input = await readInput(c, signatureInput)
    if ('why' in input) return answerRefusal(c, input)
    const id = c.req.param('token')
    const answer = await acceptProof({ context, site, id, ...input, checkSignature: checkMessageSignature })
    if (!answer.ok) return answerRefusal(c, answer)
    return c.json({ ok: true, outcome: answer.outcome, text: textOf(answer) } satisfies LinkedAnswer)
  })

  return app
}

function textOf(answer: ProofOutcome): string {
  switch (answer.outcome) {
    case 'linked':
      return `Linked: ${answer.wallet} is paid from now on. The chat says so too; you may close this page.`
    case 'waiting':
      return `Signed. ${answer.change.to} is paid from ${showDate(answer.change.readyAtMs)} on, unless it is stopped before.`
    case 'agreed':
      return 'Agreed: the change is being written to the chain. The chat says when it is done; you may close this page.'
  }
}

/** A posted body in JSON, which no plain form of another site can send. */
async function readInput<T>(c: Context, schema: z.ZodType<T>): Promise<T | WebRefusal> {
  if (!c.req.header('Content-Type')?.toLowerCase().startsWith('application/json'))
    return { code: 'wrong-content-type', why: 'This takes JSON. Nothing was linked.' }
  const read = schema.safeParse(await c.req.json().catch(() => undefined))
  return read.success ? read.data : { code: 'bad-request', why: 'This could not be read. Nothing was linked.' }
}
