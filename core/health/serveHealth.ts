// The port for whoever watches over this process: figures, whether it lives, whether it does its work. This machine alone.
import { type HttpService, serveHttp } from '../serveHttp.ts'
import type { Metrics } from './metrics.ts'

export function serveHealth(options: {
  port: number
  metrics: Pick<Metrics, 'text'>
  /** What keeps it from its work; none = ready. */
  readiness: () => Promise<readonly string[]>
}): Promise<HttpService> {
  const { port, metrics, readiness } = options
  const routes: Readonly<Record<string, () => Promise<Response>>> = {
    '/metrics': async () =>
      new Response(await metrics.text(), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
    // To answer is all there is to it: the event loop turns.
    '/livez': async () => new Response('ok\n'),
    async '/readyz'() {
      const faults = await readiness()
      return faults.length === 0
        ? new Response('ok\n')
        : new Response(faults.map((fault) => `${fault}\n`).join(''), { status: 503 })
    },
  }
  return serveHttp({
    name: 'The metrics',
    port,
    // Never LISTEN_HOST: what stands here is for nobody outside.
    hostname: '127.0.0.1',
    async fetch(request) {
      const route = request.method === 'GET' ? routes[new URL(request.url).pathname] : undefined
      return (await route?.()) ?? new Response('There is /metrics, /livez and /readyz.\n', { status: 404 })
    },
  })
}
