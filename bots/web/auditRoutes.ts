// The audit page's route: a team's jobs behind the team's own link.
import { Hono } from 'hono'
import { auditPage } from './auditPage.ts'
import type { WebOptions } from './webOptions.ts'

export function createAuditRoutes({ context, chain }: WebOptions, assets: string): Hono {
  const app = new Hono()
  app.get('/audit/:token', async (c) => {
    const [team] = await context.teams.list({ index: 'audit', key: c.req.param('token') })
    if (!team) return c.notFound()
    const stored = await context.jobs.list({ index: 'team', key: team.id })
    const jobs = stored.map(({ value }) => value).sort((a, b) => b.askedAtMs - a.askedAtMs)
    const { explorerTxUrl } = chain
    return c.html(auditPage({ assets, teamTitle: team.value.title, jobs, explorerTxUrl }))
  })
  return app
}
