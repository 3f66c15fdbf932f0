// For tests: Dispersed's list of offers on loopback, two on a page, misbehaving as told; rows written from their shape.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from '../providerSuite.ts'

export const testRow = (id: string, more: { gpus?: number; name?: string; vram?: number; usd?: unknown } = {}) => ({
  offer_id: id,
  availability: {},
  hardware_summary: {
    gpu_count: more.gpus ?? 1,
    gpu_model_label: more.name ?? 'RTX 4090',
    gpu_models: [
      { name: more.name ?? 'RTX 4090', count: more.gpus ?? 1, min_vram_gib: more.vram ?? 24, gpu_registry_uuid: 'u' },
    ],
    gpu_registry_uuid: 'u',
    min_gpu_vram_gib: more.vram ?? 24,
    cpu_cores: 8,
    ram_gib: 64,
    storage_gib: 500,
  },
  pricing: { hourly_rate_usd: 'usd' in more ? more.usd : 0.35, quoted_at: '2025-10-09T08:53:20Z' },
  region_code: 'us-west-2',
})

const healthy: unknown[] = [
  testRow('a'),
  testRow('b', { gpus: 8, name: 'H100', vram: 80, usd: 17.6 }),
  testRow('c', { gpus: 6, name: 'RTX 5090', vram: 32, usd: 4.14 }),
  testRow('d', { name: 'TITAN RTX' }),
]
const rows: unknown[] = [testRow('a'), null, testRow('c', { usd: 0 }), testRow('d', { usd: '0.35' })]

/** From now on `refuse` makes it answer with an error of this status and body, `hangFrom` with nothing from a page on. */
export async function startTestDispersed() {
  let fault: Fault | undefined
  let refusal: { status: number; body: string } | undefined
  let hangsFrom = Number.POSITIVE_INFINITY
  let reached = Promise.withResolvers<void>()
  const requests: { url: string; headers: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    answer(Number(new URL(request.url ?? '', 'http://x').searchParams.get('page')), response)
  })
  function answer(page: number, response: ServerResponse) {
    if (fault === 'slow' || page >= hangsFrom) return reached.resolve()
    if (refusal) return response.writeHead(refusal.status).end(refusal.body)
    if (fault === 'down' || (fault === 'part' && page > 1)) return response.destroy()
    if (fault === 'busy')
      return response.writeHead(429, { 'retry-after': '7' }).end('{"message":"Rate limit exceeded"}')
    if (fault === 'page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>hi')
    const all = fault === 'empty' ? [] : fault === 'rows' ? rows : healthy
    const data = all.slice((page - 1) * 2, page * 2)
    const body = JSON.stringify(fault === 'broken' ? { data: 'none' } : { data, page, limit: 2, total: all.length })
    response.writeHead(200, { 'content-type': 'application/json' }).end(fault === 'cut' ? body.slice(0, -9) : body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    setFault(next: Fault) {
      fault = next
      reached = Promise.withResolvers<void>()
    },
    refuse(status: number, body: string) {
      refusal = { status, body }
    },
    hangFrom(page: number) {
      hangsFrom = page
    },
    /** Resolves when a request hangs. */
    reached: () => reached.promise,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
