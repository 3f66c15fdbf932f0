// The HTTP server starter: ports, stopping, what it refuses.
import { expect, test } from 'vitest'
import { serveHttp } from './serveHttp.ts'

test('it answers on a free port until it is stopped', async () => {
  const service = await serveHttp({
    name: 'A test',
    port: 0,
    fetch: (request) => new Response(new URL(request.url).pathname),
  })
  const reply = await fetch(`${service.url}/here`)
  expect(await reply.text()).toBe('/here')
  await service.stop()
  await expect(fetch(`${service.url}/here`)).rejects.toThrow()
})

test('a taken port is refused by name', async () => {
  const first = await serveHttp({ name: 'First', port: 0, fetch: () => new Response() })
  const port = Number(new URL(first.url).port)
  const second = serveHttp({ name: 'The pages', port, fetch: () => new Response() })
  await expect(second).rejects.toMatchObject({
    code: 'http.port',
    message: `The pages cannot listen on port ${port}.`,
    retry: 'later',
  })
  await first.stop()
})
