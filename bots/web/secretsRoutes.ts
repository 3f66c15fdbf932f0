// Takes a job's environment secrets from the pay page; they are never sent back.
import { Hono } from 'hono'
import { z } from 'zod'
import { saveSecrets } from '../../core/jobs/secrets.ts'
import { answerRefusal, httpStatusOf } from './refusals.ts'
import { secretsRefusedPage } from './secretsForm.ts'
import type { WebOptions } from './webOptions.ts'

const input = z.object({ secrets: z.string(), clear: z.literal('yes').optional() })

export function createSecretsRoutes({ context }: Pick<WebOptions, 'context'>, assets: string): Hono {
  const app = new Hono()
  app.post('/pay/:token/secrets', async (c) => {
    const token = c.req.param('token')
    const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/x-www-form-urlencoded')
      return answerRefusal(c, { code: 'wrong-content-type', why: 'This takes a form. Nothing was saved.' })
    const body = input.safeParse(await c.req.parseBody()).data
    if (!body) return answerRefusal(c, { code: 'bad-request', why: 'No secrets were sent. Nothing was saved.' })
    const saved = await saveSecrets({
      context,
      linkToken: token,
      text: body.secrets,
      clear: body.clear === 'yes',
    })
    if (saved.ok) return c.redirect(`/pay/${token}#secrets`, 303)
    return c.html(secretsRefusedPage({ assets, token, why: saved.why }), httpStatusOf(saved))
  })
  return app
}
