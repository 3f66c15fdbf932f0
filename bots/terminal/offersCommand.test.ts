// `necto offers`: recorded replies as tables and as JSON, and every way to ask for them wrongly.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { NectoError } from '../../core/errors.ts'
import { type Offer, offerSchema } from '../../core/market/offer.ts'
import { pricedSchema } from '../../core/pricing/quote.ts'
import { nodePrice, plainOffer } from '../../core/pricing/testOffers.ts'
import { defineProvider, type ProviderModule } from '../../core/providers/module.ts'
import { providerModules } from '../../core/providers/registry.ts'
import { runOffers } from './offersCommand.ts'
import { cellsOf, createTestOutput } from './testOutput.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'necto-offers-'))
afterAll(() => rmSync(folder, { recursive: true }))
function file(name: string, content: string | Uint8Array): string {
  const full = path.join(folder, name)
  writeFileSync(full, content)
  return full
}

const nowMs = Date.UTC(2026, 10, 20, 12)
const unused = () => {
  throw new Error('a replay builds no provider')
}
const nos: Offer['price'] = { model: 'token', token: 'NOS', tokensPerHour: '1.5', per: 'gpu', gpus: 1 }
const { gpu: _gpu, freeGpus: _free, ...bare } = plainOffer()
const reply = z.object({ rows: z.array(z.string()) })
const offersOf: Record<string, (atMs: number) => Offer> = {
  plain: (observedAtMs) => plainOffer({ id: 'toy:plain', observedAtMs }),
  spot: () =>
    plainOffer({
      id: 'toy:spot',
      price: { ...nodePrice(16, 8), volatility: { bps: 640, basis: '14 days' } } as Offer['price'],
    }),
  token: () => plainOffer({ id: 'toy:token', price: nos }),
  estimate: () => plainOffer({ id: 'toy:estimate', estimated: 'a card' }),
  long: () => plainOffer({ id: 'toy:long', minSeconds: 7200 }),
  odd: () => ({ ...bare, id: 'toy:odd', rawGpu: 'H100\u001b[2J\nSuper', region: [] }),
}
const toy = defineProvider({
  id: 'toy',
  settings: [],
  create: unused,
  replay(replies, atMs) {
    const rows = replies.flatMap(({ name, json }) => {
      const parsed = reply.safeParse(json)
      if (!parsed.success) throw new NectoError('toy.reply', `${name} is no reply of Toy.`)
      return parsed.data.rows
    })
    const known = rows.flatMap((row) => offersOf[row]?.(atMs) ?? [])
    const dropped = rows.filter((row) => !offersOf[row]).map((row) => ({ row, reason: 'no price' }))
    return { offers: known, dropped, warnings: dropped.map(({ reason }) => `1 row left out: ${reason}`) }
  },
})
const moving = defineProvider({
  id: 'moving',
  settings: [],
  create: unused,
  volatility: (replies, atMs) => [
    {
      type: 'p5.48xlarge',
      zone: 'use1-az1',
      currentUsdPerHour: '20.500000',
      meanUsdPerHour: '20.000000',
      cv: '0.051234',
      rangeOverMean: '0.187500',
      changes: replies.length,
      label: atMs === nowMs ? 'calm' : 'volatile',
    },
    {
      type: 'g6.xlarge',
      zone: 'use1-az2',
      currentUsdPerHour: '0.310000',
      changes: 0,
      label: 'unknown',
    },
  ],
})
const silent = defineProvider({ id: 'silent', settings: [], create: unused })
const all = file('all.json', JSON.stringify({ rows: ['plain', 'spot', 'token', 'estimate', 'long', 'odd', 'broken'] }))
const one = file('one.json', '{"rows":["plain"]}')

async function offers(args: readonly string[], modules: readonly ProviderModule[] = [toy, silent, moving]) {
  const output = createTestOutput()
  const code = await runOffers({ args, modules, nowMs, ...output })
  return { code, out: output.printed(), err: output.warned() }
}

describe('a table of offers', () => {
  test('each offer with its sticker and what an hour of one GPU really costs', async () => {
    const { code, out } = await offers(['toy', '--replay', all])
    expect(code).toBe(0)
    expect(cellsOf(out, 'Offer')).toEqual(
      'Offer|GPU|GPUs/node|Listed $/GPU-h|Effective $/GPU-h|Model|±|Free|Region'.split('|'),
    )
    const h100 = 'h100-80gb-sxm'
    expect(cellsOf(out, 'toy:plain')).toEqual(['toy:plain', h100, '8', '$2.00', '$2.00', 'fixed', '–', '8', 'eu/de'])
    expect(cellsOf(out, 'toy:spot').slice(3, 7)).toEqual(['$2.00', '$16.00', 'spot', '6.40 %'])
    expect(cellsOf(out, 'toy:long').slice(3, 5)).toEqual(['$2.00', '$4.00'])
    expect(cellsOf(out, 'toy:estimate')[5]).toBe('fixed, estimate')
    expect(cellsOf(out, 'toy:token').slice(3, 6)).toEqual(['1.5 NOS/gpu', 'no token price given', 'token'])
  })

  test('a stranger’s text moves no cursor and starts no line; what is unknown is a dash', async () => {
    const { out } = await offers(['toy', '--replay', all])
    expect(out).not.toContain('\u001b')
    expect(cellsOf(out, 'toy:odd')).toEqual([
      'toy:odd',
      'H100[2J Super (unknown)',
      '8',
      '$2.00',
      '$2.00',
      'fixed',
      '–',
      '–',
      '–',
    ])
  })

  test('rows left out and warnings stand on standard error alone', async () => {
    const { out, err } = await offers(['toy', '--replay', all])
    expect(err.split('\n')).toEqual(['left out: broken: no price', 'warning: 1 row left out: no price'])
    expect(out).not.toContain('left out')
  })

  test('a token price makes it dollars, in either case of its name; several are given one by one', async () => {
    const { out } = await offers(['toy', '--replay', all, '--token', 'nos=0.20', '--token=AKT=0.54'])
    expect(cellsOf(out, 'toy:token').slice(3, 6)).toEqual(['$0.30', '$0.30', 'token'])
  })

  test('several files are one reading; no offer says so', async () => {
    expect((await offers(['toy', '--replay', one, file('two.json', '{"rows":["spot"]}')])).out).toMatch(
      /toy:plain.*\n.*toy:spot/,
    )
    const none = await offers(['toy', '--replay', file('none.json', '{"rows":[]}')])
    expect(none).toEqual({ code: 0, out: 'No offers.', err: '' })
  })
})

test('--json is one document with decimal strings that reads back; what was left out is on stderr too', async () => {
  const { code, out, err } = await offers(['toy', '--json', '--at', '2026-11-20T13:00:00+01:00', '--replay', all])
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('left out: broken: no price') })
  const document = JSON.parse(out)
  expect(Object.keys(document)).toEqual(['provider', 'at', 'offers', 'quotes', 'dropped', 'warnings'])
  expect(document).toMatchObject({ provider: 'toy', at: '2026-11-20T12:00:00.000Z' })
  expect(document.offers[0]).toMatchObject({ observedAtMs: nowMs, price: { unit: { usdPerHour: '2.000000' } } })
  expect(z.decode(z.array(offerSchema), document.offers)).toHaveLength(6)
  expect(document.quotes[1]).toMatchObject({ offerId: 'toy:spot', usdPerGpuHour: '16.000000', maxSeconds: 3600 })
  expect(document.quotes[2]).toEqual({ offerId: 'toy:token', unpriced: 'no-token-price' })
  expect(z.decode(z.array(pricedSchema), document.quotes)).toHaveLength(6)
  expect(document.dropped).toEqual([{ row: 'broken', reason: 'no price' }])
})

test('--at also takes epoch milliseconds', async () => {
  const { out } = await offers(['toy', '--json', '--at', String(nowMs - 1), '--replay', one])
  expect(JSON.parse(out).offers[0].observedAtMs).toBe(nowMs - 1)
})

describe('--volatility', () => {
  test('how prices moved, unknown as a dash', async () => {
    const { code, out } = await offers(['moving', '--volatility', '--replay', one])
    expect(code).toBe(0)
    expect(cellsOf(out, 'p5')).toEqual([
      'p5.48xlarge',
      'use1-az1',
      '$20.50',
      '$20.00',
      '0.051234',
      '0.187500',
      '1',
      'calm',
    ])
    expect(cellsOf(out, 'g6').slice(2)).toEqual(['$0.31', '–', '–', '–', '0', 'unknown'])
  })

  test('as JSON, unknown left out', async () => {
    const { out } = await offers(['moving', '--volatility', '--json', '--replay', one])
    const { rows } = JSON.parse(out)
    expect(rows[0]).toMatchObject({ currentUsdPerHour: '20.500000', meanUsdPerHour: '20.000000', cv: '0.051234' })
    expect(rows[1]).toEqual({
      type: 'g6.xlarge',
      zone: 'use1-az2',
      currentUsdPerHour: '0.310000',
      changes: 0,
      label: 'unknown',
    })
  })

  test('who has no history says who has', async () => {
    const { code, err } = await offers(['toy', '--volatility', '--replay', one])
    expect({ code, err }).toEqual({ code: 2, err: 'Only moving has a price history.' })
  })
})

describe('what is given wrongly: exit code 2 and one line', () => {
  const text = file('text.json', 'not json')
  const bytes = file('bytes.json', new Uint8Array([0x22, 0xff, 0x22]))
  const other = file('other.json', '{"models":[]}')
  test.each<[string, string[], RegExp]>([
    [
      'no file of that name',
      ['toy', '--replay', '/nowhere.json'],
      /^"\/nowhere\.json" cannot be read: there is no such/,
    ],
    ['a folder', ['toy', '--replay', folder], /cannot be read: it is a folder\.$/],
    ['no JSON', ['toy', '--replay', text], /text\.json" is not JSON/],
    ['bytes that are no text', ['toy', '--replay', bytes], /is not JSON/],
    ['another provider’s reply', ['toy', '--replay', other], /other\.json is no reply of Toy\.$/],
    ['one bad file among good ones', ['toy', '--replay', one, other], /other\.json is no reply of Toy\.$/],
    ['an unknown provider', ['tyo', '--replay', one], /no provider "tyo"\. Did you mean toy\? There are toy, silent, /],
    ['a provider without replies', ['silent', '--replay', one], /^Offers of silent do not come from replies/],
    ['no provider', ['--replay', one], /^Which provider\? There are toy/],
    ['no file', ['toy'], /^Which recorded replies\? Give --replay FILE/],
    ['nothing behind --replay', ['toy', '--replay'], /^--replay needs FILE/],
    ['a switch behind --replay', ['toy', '--replay', '--json'], /^--replay needs FILE/],
    ['a file in front of --replay', ['toy', one, '--replay', one], /Files stand behind --replay/],
    ['an unknown option', ['toy', '--jsn', '--replay', one], /^There is no option --jsn\. Did you mean --json\?/],
    ['a value for a switch', ['toy', '--json=yes', '--replay', one], /^--json takes no value/],
    ...['tomorrow', '2026-11-20', '2026-02-30T00:00:00Z', '2026-11-20T12:00:00', '1760000000', '-5', '1e12'].map(
      (at): [string, string[], RegExp] => [`--at ${at}`, ['toy', `--at=${at}`, '--replay', one], /is no instant/],
    ),
    ...['AKT', 'AKT=', '=1', 'AKT=0', 'AKT=-1', 'AKT=1e3', 'AKT=0,5'].map((token): [string, string[], RegExp] => [
      `--token ${token}`,
      ['toy', '--token', token, '--replay', one],
      /^--token .* is no token price/,
    ]),
  ])('%s', async (_name, args, says) => {
    const { code, out, err } = await offers(args)
    expect(err).toMatch(says)
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 1 })
  })

  test('nothing at all: usage with its options', async () => {
    const { code, err } = await offers([])
    expect(code).toBe(2)
    expect(err).toMatch(/^necto offers <provider> --replay FILE/)
    expect(err).toContain('--token NAME=USD')
  })
})

test('a real provider: Render’s rate card as it stands in data/', async () => {
  const { code, out } = await offers(['render', '--replay', 'data/render-rates.json'], providerModules)
  expect(code).toBe(0)
  expect(out.split('\n').filter((line) => line.includes('estimate')).length).toBeGreaterThan(1)
})
