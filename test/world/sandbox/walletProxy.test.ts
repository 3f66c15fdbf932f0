// What the proxy adds to a page and what it leaves alone.
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpService, serveHttp } from '../../../core/serveHttp.ts'
import { createWalletProxy } from './walletProxy.ts'

let behind: HttpService
let proxy: Hono

beforeAll(async () => {
  const pages = new Hono()
  pages.get('/pay', (c) => c.html('<html><head><title>Pay</title></head></html>', 200, { 'X-Policy': 'strict' }))
  pages.get('/data', (c) => c.json({ html: '<head>' }))
  pages.get('/old', (c) => c.redirect('/pay'))
  pages.post('/echo', async (c) => c.json({ text: await c.req.text(), site: c.req.header('Sec-Fetch-Site') }, 409))
  behind = await serveHttp({ name: 'Pages', fetch: pages.fetch, port: 0 })
  proxy = createWalletProxy({ webUrl: behind.url, script: 'wallet()', rpc: async () => ({ result: 'signed' }) })
})
afterAll(() => behind.stop())

test('pages get the wallet first of all, with the headers they had', async () => {
  const answer = await proxy.request('/pay')
  expect(answer.headers.get('X-Policy')).toBe('strict')
  expect(await answer.text()).toBe(
    '<html><head><script src="/test-wallet.js"></script><title>Pay</title></head></html>',
  )
  expect(await (await proxy.request('/test-wallet.js')).text()).toBe('wallet()')
})

test('everything else passes as it is: data, redirects, posts with their status and sender', async () => {
  expect(await (await proxy.request('/data')).json()).toEqual({ html: '<head>' })
  expect((await proxy.request('/old')).headers.get('Location')).toBe('/pay')
  const posted = await proxy.request('/echo', {
    method: 'POST',
    body: 'a body',
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  })
  expect(posted.status).toBe(409)
  expect(await posted.json()).toEqual({ text: 'a body', site: 'cross-site' })
})

test('the wallet answers our own pages alone', async () => {
  const ask = (headers: Record<string, string>) =>
    proxy.request('/test-wallet/rpc', { method: 'POST', body: '{}', headers })
  expect(await (await ask({ 'Content-Type': 'application/json' })).json()).toEqual({ result: 'signed' })
  expect((await ask({ 'Content-Type': 'text/plain' })).status).toBe(403)
  expect((await ask({ 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
})
