// Render held to the rules of every provider over real sockets: Dispersed by itself, and the card with it.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider, type Fault } from '../providerSuite.ts'
import { createRenderProvider, provider as render } from './index.ts'
import { readDispersed } from './readDispersed.ts'
import { canonicalQuery, signRequest } from './signRequest.ts'
import { startTestDispersed, testRow } from './testDispersed.ts'

const keys = { publicKey: 'pk_test', secretKey: 'sk_test' }
const live = () => new AbortController().signal

async function startDispersed() {
  const dispersed = await startTestDispersed()
  const options = { baseUrl: `${dispersed.url}/`, keys, clock: systemClock, timeoutMs: 60_000 }
  return {
    ...dispersed,
    provider: {
      id: 'render',
      name: 'Dispersed',
      offers: (_ask: unknown, signal: AbortSignal) => readDispersed(options, signal),
    },
  }
}

async function start() {
  const dispersed = await startTestDispersed()
  const options = { baseUrl: dispersed.url, ...keys, clock: systemClock, timeoutMs: 60_000 }
  return { ...dispersed, options, provider: createRenderProvider(options) }
}

describeProvider('dispersed', { start: startDispersed })
// The card is always there: see below for what becomes of these faults.
const overcome: Fault[] = ['empty', 'broken', 'busy', 'page', 'cut', 'down']
describeProvider('render', { start, cannot: overcome })

describe('PROV-04', () => {
  let rig: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    rig = await start()
  })
  afterEach(() => rig.stop())
  const read = () => rig.provider.offers(testAsk(), live())
  const onCard = ({ id }: { id: string }) => id.startsWith('render:card/')

  test("the card's evidence is of the file's own bytes", async () => {
    const { evidence } = await read()
    const bytes = readFileSync('data/render-rates.json')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(evidence[0]).toMatchObject({ url: 'data:render-rates', byteLength: bytes.byteLength, sha256 })
  })

  test('pages are turned until all offers are there, each request signed with a nonce of its own', async () => {
    const { offers } = await read()
    expect(offers.filter((offer) => !onCard(offer))).toHaveLength(4)
    const requests = rig.requests()
    expect(requests.map(({ url }) => url)).toEqual([1, 2].map((page) => `/v1/compute/offers?limit=50&page=${page}`))
    for (const [index, { headers }] of requests.entries()) {
      const query = canonicalQuery([
        ['limit', '50'],
        ['page', String(index + 1)],
      ])
      const [atMs, nonce] = [Number(headers['x-time']), String(headers['x-nonce'])]
      const signed = signRequest({ keys, method: 'GET', path: '/v1/compute/offers', query, atMs, nonce })
      expect(headers['x-signature']).toBe(signed['X-Signature'])
      expect(Math.abs(Date.now() - atMs)).toBeLessThan(60_000)
      expect(nonce).toMatch(/^[0-9a-f]{32}$/)
    }
    expect(new Set(requests.map(({ headers }) => headers['x-nonce'])).size).toBe(2)
  })

  test('an empty Dispersed leaves the card, whole', async () => {
    rig.setFault('empty')
    const { offers, partial } = await read()
    expect([offers.every(onCard), partial]).toEqual([true, undefined])
  })

  test.each<[Fault, string]>([
    ['broken', 'Dispersed answered in a form Necto does not know.'],
    ['busy', 'It is busy and asks to try again in 7 s.'],
    ['page', 'It answered with something that is not data.'],
    ['cut', 'It answered with something that is not data.'],
    ['down', 'It could not be reached.'],
  ])('Dispersed %s: the card stays, and the answer says what is missing', async (fault, reason) => {
    rig.setFault(fault)
    const { offers, partial } = await read()
    expect(offers.length).toBeGreaterThan(0)
    expect(offers.every(onCard)).toBe(true)
    expect(partial).toBe(`Dispersed is missing: ${reason}`)
  })

  test('a page after the first that fails leaves what was read, and says how much is missing', async () => {
    rig.setFault('part')
    const { offers, partial } = await read()
    expect(offers.filter((offer) => !onCard(offer))).toHaveLength(2)
    expect(partial).toBe('2 of 4 offers of Dispersed are missing: It could not be reached.')
  })

  test('Dispersed that does not answer in time costs nobody the card', async () => {
    rig.setFault('slow')
    const clock = createManualClock(Date.now())
    const { timeoutMs: _, ...usual } = rig.options
    const answer = createRenderProvider({ ...usual, clock }).offers(testAsk(), live())
    await rig.reached()
    await clock.tick(5_000)
    expect(await answer).toMatchObject({ partial: 'Dispersed is missing: It did not answer within 5 s.' })
  })

  test.each([1, 2])(
    'stopped by its caller on page %d, it throws what the caller said and gives no partial answer',
    async (page) => {
      rig.hangFrom(page)
      const stop = new AbortController()
      const answer = rig.provider.offers(testAsk(), stop.signal).catch((error) => error)
      await rig.reached()
      const reason = new NectoError('market.timeout', 'It did not answer within 30 s.')
      stop.abort(reason)
      expect(await answer).toBe(reason)
    },
  )

  const clockText = "It refused the time of the request: is this machine's clock more than five minutes off?"
  test.each([
    [401, '{"message":"Request timestamp is outside the allowed window"}', 'render.clock', clockText],
    [401, 'X-Time too old', 'render.clock', clockText],
    [
      401,
      '{"timestamp":"2026-11-22T00:00:00Z","message":"Invalid signature"}',
      'render.refused',
      'It refused the keys (401).',
    ],
    [403, '{"message":"Forbidden"}', 'render.refused', 'It refused the keys (403).'],
    [404, '{"message":"Not Found"}', 'http.status', 'It answered with an error (404).'],
  ])('refused with %d %s it says %s', async (status, body, code, message) => {
    rig.refuse(status, body)
    const options = { baseUrl: rig.url, keys, clock: systemClock, timeoutMs: 60_000 }
    await expect(readDispersed(options, live())).rejects.toMatchObject({ code, message })
    expect((await read()).partial).toBe(`Dispersed is missing: ${message}`)
  })

  test.each([
    [{ publicKey: undefined, secretKey: undefined }, 'DISPERSED_PUBLIC_KEY and DISPERSED_SECRET_KEY not set'],
    [{ publicKey: 'pk', secretKey: undefined }, 'DISPERSED_SECRET_KEY not set'],
    [{ publicKey: undefined, secretKey: 'sk' }, 'DISPERSED_PUBLIC_KEY not set'],
  ])('without both keys nothing is asked of Dispersed, and that is said: %j', async (some, unset) => {
    const provider = createRenderProvider({ ...rig.options, ...some })
    const { offers, warnings, partial } = await provider.offers(testAsk(), live())
    expect(offers.length).toBeGreaterThan(0)
    expect(warnings).toContain(`Dispersed left out: ${unset}`)
    expect([partial, rig.requests()]).toEqual([undefined, []])
    await expect(provider.offers(testAsk(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})

describe('PROV-04 replies that were recorded', () => {
  const replay = (...replies: { name: string; json: unknown }[]) => {
    if (!render.replay) throw new Error('Render replays nothing')
    return render.replay(replies, 1_760_000_000_000)
  }
  const card = { name: 'render-rates.json', json: JSON.parse(readFileSync('data/render-rates.json', 'utf8')) }
  const page = (name: string, ...ids: string[]) => ({ name, json: { data: ids.map((id) => testRow(id)), total: 3 } })

  test('the card and pages of offers become one answer', () => {
    const { offers, dropped, warnings } = replay(card, page('1.json', 'a', 'b'), page('2.json', 'b', 'c'))
    const fromDispersed = offers.filter(({ id }) => id.startsWith('render:dispersed/'))
    expect(fromDispersed.map(({ id }) => id.slice(-1))).toEqual(['a', 'b', 'c'])
    expect(offers.length).toBe(3 + card.json.scores.length * card.json.tiers.length)
    expect(dropped.map(({ reason }) => reason)).toEqual(['listed twice'])
    expect(warnings).toHaveLength(2)
    expect(replay()).toEqual({ offers: [], warnings: [], dropped: [] })
  })

  test('any other is refused by name', () => {
    for (const json of [
      null,
      {},
      { models: [] },
      { data: [{ uuid: 'u', status: 'ASSIGNED' }], page: 1, limit: 20, total: 1 },
    ]) {
      expect(() => replay(card, { name: 'odd.json', json })).toThrow(
        expect.objectContaining({ code: 'render.reply', message: expect.stringMatching(/^odd\.json is neither/) }),
      )
    }
  })

  const samples = resolve('../shared/samples')
  test.skipIf(!existsSync(samples))("the documentation's examples: offers are read, runs of jobs are refused", () => {
    const sample = (name: string) => ({ name, json: JSON.parse(readFileSync(resolve(samples, name), 'utf8')) })
    expect(replay(sample('render_dispersed_offers_docs_shape.json')).offers).toHaveLength(1)
    expect(() => replay(sample('render_dispersed_job_runs_docs_example.json'))).toThrow(/job_runs_docs_example\.json/)
  })
})
