// The pay page and its posts: every refusal says that no money moved.
import { beforeEach, describe, expect, test } from 'vitest'
import { recoverQuoter } from '../../core/escrow/quoteSignature.ts'
import { hashTerms, parseTerms } from '../../core/escrow/terms.ts'
import { otherPayer as other, payer, quoter } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { PayLinkOptions, SignedBody } from '../../test/world/wallet/wallet.ts'
import { createTestPaying, type TestPaying } from './testPaying.ts'

let { clock, shop, web, job, path, now, post, pay } = {} as TestPaying
beforeEach(async () => {
  ;({ clock, shop, web, job, path, now, post, pay } = await createTestPaying())
})

const everything = async () =>
  JSON.stringify([await now(), await shop.context.listings.list()], (_, v) => (typeof v === 'bigint' ? `${v}` : v))

test('BUYER-03 the page says what, who, how much, where, until when, and changes nothing by being read', async () => {
  const before = await everything()
  const reply = await web.request(path, { headers: { 'User-Agent': 'TelegramBot (like TwitterBot)' } })
  const text = (await reply.text()).replace(/<[^>]*>/g, '')
  expect(reply.status).toBe(200)
  for (const said of [
    `Pay for job ${job.ref}`,
    'h100-80gb-sxm ×1, for up to 4 h',
    '2.00 USDC per hour',
    'at most 8.00 USDC',
    'Berlin Rack, the seller directly, at 0x976EA74026E726554dB657fA54763abd0C3a0aa9',
    'Base Sepolia (chain 84532)',
    shop.context.escrow.router,
    '2.5 %',
  ]) {
    expect(text).toContain(said)
  }
  await web.request(path, { method: 'HEAD' })
  await web.request(`${path}/status`)
  expect(await everything()).toBe(before)
})

test('the headers keep strangers, caches and referrers out', async () => {
  // Where the reader names an endpoint, and nowhere else, scripts may reach beyond this server.
  const open = "'self' https: http://127.0.0.1:* http://localhost:* http://gateway.test"
  for (const at of [path, `${path}/status`, '/nothing', `/verify/${job.ref}/bundle`, `/verify/${job.ref}`]) {
    const { headers } = await web.request(at)
    expect(headers.get('Content-Security-Policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src ${at.endsWith(job.ref) ? open : "'self'"}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    )
    expect(headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('Cache-Control')).toBe('no-store')
  }
})

test('scripts and styles come from here alone, with their types taken off', async () => {
  const html = await (await web.request(path)).text()
  const links = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, at]) => at ?? '')
  expect(links).toHaveLength(3)
  expect(html).not.toMatch(/(src|<link[^>]*href)="https?:/)
  for (const at of links) {
    const reply = await web.request(at)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('Cache-Control')).toContain('immutable')
  }
  const script = await web.request(links.find((at) => at.endsWith('pay.js')) ?? '')
  expect(script.headers.get('Content-Type')).toContain('text/javascript')
  expect(await script.text()).not.toContain('import type')
})

test('one careful wallet pays; a second payment is refused', async () => {
  expect(await pay()).toMatchObject({ outcome: 'still-paying', pageStatus: 200 })
  expect(await now()).toMatchObject({ state: 'paying', authorization: { from: payer.address } })
  expect(await pay()).toMatchObject({ outcome: 'terms-refused', code: 'already-paid' })
  expect(await pay({ account: other })).toMatchObject({ outcome: 'terms-refused', code: 'already-paid' })
  const { authorization } = (await now()) ?? {}
  expect(authorization?.from).toBe(payer.address)
})

test('the terms answered are the quoter’s, and hash to the job’s id', async () => {
  const reply = await post(`${path}/terms`, JSON.stringify({ refundTo: payer.address }))
  const answer = (await reply.json()) as {
    terms: unknown
    jobId: string
    quoteSignature: `0x${string}`
    typedData?: unknown
  }
  const terms = parseTerms(answer.terms)
  const { chainId, router } = shop.context.escrow
  expect(terms && hashTerms({ terms, chainId, router })).toBe(answer.jobId)
  expect(terms && (await recoverQuoter({ terms, chainId, router, signature: answer.quoteSignature }))).toBe(
    quoter.address,
  )
  expect(terms?.refundTo).toBe(payer.address)
  // Nobody said who pays, so there is nothing to sign yet.
  expect(answer.typedData).toBeUndefined()
})

describe('no money moves, and it is said, when', () => {
  const cases: [what: string, code: string, more: Partial<PayLinkOptions>][] = [
    ['the amount posted differs', 'wrong-amount', { tamper: (body) => ({ ...body, value: '1' }) }],
    [
      'the amount signed differs',
      'bad-authorization',
      { tamperTypedData: (data) => ({ ...data, message: { ...data.message, value: '1' } }) },
    ],
    ['the chain differs', 'wrong-chain', { tamper: (body) => ({ ...body, chainId: 8453 }) }],
    [
      'it was signed for another chain',
      'bad-authorization',
      { tamperTypedData: (data) => ({ ...data, domain: { ...data.domain, chainId: 8453 } }) },
    ],
    ['the terms are other ones', 'altered-terms', { tamper: (body) => ({ ...body, jobId: `0x${'ee'.repeat(32)}` }) }],
    [
      'the signature is changed',
      'bad-authorization',
      {
        tamper: (body) => ({
          ...body,
          signature: `${body.signature.slice(0, 20)}00${body.signature.slice(22)}` as const as SignedBody['signature'],
        }),
      },
    ],
    ['somebody else is named as payer', 'bad-authorization', { tamper: (body) => ({ ...body, from: other.address }) }],
    ['its time is over', 'bad-authorization', { tamper: (body) => ({ ...body, validBefore: '1700000000' }) }],
  ]
  test.each(cases)('%s', async (_, code, more) => {
    const payment = await pay(more)
    expect(payment).toMatchObject({ outcome: 'refused', code })
    expect(payment.why).toContain('No money moved')
    expect((await now())?.state).toBe('signed')
    expect((await now())?.authorization).toBeUndefined()
  })

  test('an authorization names another refund address than was signed', async () => {
    const payment = await pay({ tamper: (body) => ({ ...body, refundTo: other.address }) })
    expect(payment).toMatchObject({ outcome: 'refused', code: 'altered-terms' })
    expect((await now())?.state).toBe('signed')
  })

  test('an authorization comes before any terms', async () => {
    const body = {
      jobId: `0x${'ee'.repeat(32)}`,
      refundTo: payer.address,
      chainId: 84_532,
      from: payer.address,
      value: '1',
      validAfter: '0',
      validBefore: '9',
      signature: '0x00',
    }
    expect((await post(`${path}/authorization`, JSON.stringify(body))).status).toBe(409)
    expect((await now())?.state).toBe('ordered')
  })

  test('the quote has run out', async () => {
    await clock.tick(15 * 60_000)
    expect(await pay()).toMatchObject({ outcome: 'terms-refused', code: 'expired' })
    expect((await post(`${path}/terms`, JSON.stringify({ refundTo: payer.address }))).status).toBe(410)
    const html = await (await web.request(path)).text()
    expect(html).toContain('This quote has run out')
    expect(html).not.toContain('<form')
  })

  test('somebody else has the capacity', async () => {
    const [second, third] = [await shop.ordered(), await shop.ordered()]
    for (const { linkToken } of [second, third]) await pay({ url: `/pay/${linkToken}` })
    expect(await pay()).toMatchObject({ outcome: 'terms-refused', code: 'no-capacity' })
  })
})

test('a plain form gets terms without a script, and hears what is wrong with an address', async () => {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const wrong = await post(`${path}/terms`, 'refundTo=0x123%3Cscript%3E', form)
  expect(wrong.status).toBe(422)
  const html = await wrong.text()
  expect(html).toContain('This is no address on this chain')
  expect(html).toContain('value="0x123&lt;script&gt;"')
  expect((await now())?.state).toBe('ordered')

  const right = await post(`${path}/terms`, `refundTo=${payer.address}`, form)
  expect(right.status).toBe(303)
  const page = await (await web.request(right.headers.get('Location') ?? '')).text()
  expect(page).toContain((await now())?.quoteSignature)
  // What others ask for changes nothing on it, and its own terms stay.
  await post(`${path}/terms`, JSON.stringify({ refundTo: other.address }))
  expect(await (await web.request(right.headers.get('Location') ?? '')).text()).toContain((await now())?.quoteSignature)
  expect(page.replace(/<[^>]*>/g, '')).toContain((await now())?.jobId)
})

describe('posts', () => {
  const body = () => JSON.stringify({ refundTo: payer.address })
  const json = { 'Content-Type': 'application/json' }
  test.each([
    ['another site, by its own word', { ...json, Origin: 'https://evil.example' }, 403],
    [
      'another site, by the browser’s word',
      { ...json, Origin: 'http://pages.test', 'Sec-Fetch-Site': 'cross-site' },
      403,
    ],
    ['a sibling site', { ...json, 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a sandboxed frame', { ...json, Origin: 'null' }, 403],
    ['our own page', { ...json, Origin: 'http://pages.test' }, 200],
    ['our own form, whose origin the browser hides', { ...json, Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['no browser', json, 200],
    ['text that claims nothing', { 'Content-Type': 'text/plain' }, 415],
  ])('from %s', async (_, headers, status) => {
    expect((await post(`${path}/terms`, body(), headers as Record<string, string>)).status).toBe(status)
    expect((await now())?.state).toBe(status === 200 ? 'signed' : 'ordered')
  })

  test.each([
    ['too large', JSON.stringify({ refundTo: 'x'.repeat(20_000) }), 413],
    ['no JSON', '{', 400],
    ['no address', '{}', 400],
    ['JSON of another shape', '[1]', 400],
  ])('that are %s', async (_, bad, status) => {
    expect((await post(`${path}/terms`, bad)).status).toBe(status)
    expect((await now())?.state).toBe('ordered')
  })
})

test('an unknown link is calm on every route', async () => {
  for (const at of ['/pay/nope', '/job/nope', '/audit/nope', '/verify/nope', '/verify/K7QF-3M2P', '/nope']) {
    const reply = await web.request(at)
    expect(reply.status).toBe(404)
    expect(await reply.text()).toContain('There is nothing at this address')
  }
  expect((await web.request('/pay/nope/status')).status).toBe(404)
  expect((await post('/pay/nope/terms', JSON.stringify({ refundTo: payer.address }))).status).toBe(404)
})

test('the status tells each state, and why a payment was handed back', async () => {
  const status = async () => (await web.request(`${path}/status`)).json()
  expect(await status()).toMatchObject({ state: 'ordered', phase: 'open' })
  await pay()
  expect(await status()).toMatchObject({ state: 'paying', phase: 'paying' })
  const trouble = { code: 'payment-refused', text: 'the payment was refused: the wallet holds too little USDC.' }
  await shop.change(job.ref, (job) => transition(job, 'decline', { authorization: undefined, trouble }))
  expect(await status()).toMatchObject({ state: 'signed', phase: 'open', trouble: trouble.text })
  expect(await (await web.request(path)).text()).toContain('The payment was refused: the wallet holds too little USDC.')
  await pay()
  const txHash = `0x${'cd'.repeat(32)}` as const
  const funded = { txHash, atMs: clock.now(), payer: payer.address, depositMicroUsd: 8_000_000n }
  await shop.change(job.ref, (job) => transition(job, 'fund', { funded, trouble: undefined }))
  expect(await status()).toMatchObject({
    state: 'funded',
    phase: 'escrow',
    text: '8.00 USDC are in escrow. The job starts next.',
    txUrl: `https://explorer.test/tx/${txHash}`,
  })
})

test('before it is ordered there is nothing to pay, and nobody is told that it is paid', async () => {
  const offered = await shop.scanned()
  const html = await (await web.request(`/pay/${offered.linkToken}`)).text()
  expect(html).toContain('Press Pay in the chat first')
  expect(html).not.toContain('paid already')
})

test('names of people and sellers are data', async () => {
  await shop.context.listings.list().then(async ([stored]) => {
    if (stored) await shop.context.listings.put(stored, { ...stored.value, name: '<b>Bad\u202E\u200B Rack</b>' })
  })
  const html = await (await web.request(path)).text()
  expect(html).toContain('&lt;b&gt;Bad Rack&lt;/b&gt;')
  expect(html).not.toMatch(/[\u200B\u202E]/)
})
