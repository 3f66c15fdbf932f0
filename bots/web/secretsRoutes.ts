// The routes of the secrets page: reading it, which changes nothing, and saving. Values are never sent back.
import { Hono } from 'hono'
import { z } from 'zod'
import { saveSecrets, secretNames } from '../../core/jobs/secrets.ts'
import { findBySecretsToken, secretsRefusal } from '../../core/jobs/secretsLink.ts'
import { answerRefusal, httpStatusOf } from './refusals.ts'
import { secretsPage, secretsRefusedPage } from './secretsPage.ts'
import type { WebOptions } from './webOptions.ts'

const input = z.object({ secrets: z.string(), clear: z.literal('yes').optional() })

export function createSecretsRoutes({ context }: Pick<WebOptions, 'context'>, assets: string): Hono {
  const app = new Hono()
  app.get('/secrets/:token', async (c) => {
    const secretsToken = c.req.param('token')
    const job = await findBySecretsToken(context, secretsToken)
    if (!job) return c.notFound()
    return c.html(
      secretsPage({
        assets,
        secretsToken,
        ref: job.ref,
        linkToken: job.linkToken ?? '',
        names: await secretNames(context, job.ref),
        closed: secretsRefusal(job, context.clock.now())?.why,
      }),
    )
  })

  app.post('/secrets/:token', async (c) => {
    const secretsToken = c.req.param('token')
    const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/x-www-form-urlencoded')
      return answerRefusal(c, { code: 'wrong-content-type', why: 'This takes a form. Nothing was saved.' })
    const body = input.safeParse(await c.req.parseBody()).data
    if (!body) return answerRefusal(c, { code: 'bad-request', why: 'No secrets were sent. Nothing was saved.' })
    const saved = await saveSecrets({ context, secretsToken, text: body.secrets, clear: body.clear === 'yes' })
    if (saved.ok) return c.redirect(`/secrets/${secretsToken}`, 303)
    return c.html(secretsRefusedPage({ assets, secretsToken, why: saved.why }), httpStatusOf(saved))
  })
  return app
}
