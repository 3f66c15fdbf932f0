// The terminal's verbs as a user types them, against the world's providers.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProcess } from '../world/childProcess.ts'
import { startProviders, type WorldProviders } from '../world/providers/startProviders.ts'

describe('the terminal', () => {
  let providers: WorldProviders
  const necto = (args: readonly string[], more: Record<string, string> = {}) =>
    runProcess({
      args: ['bots/terminal/main.ts', ...args],
      env: {
        ...providers.env,
        // Nothing listens there.
        PUBLIC_URL: 'http://127.0.0.1:9',
        ...more,
      },
    })

  beforeAll(async () => {
    providers = await startProviders({ seed: 'quote', delayMs: [0, 0] })
  })
  afterAll(() => providers.stop())

  test('BUYER-02: the comparison, with reasons, every column, and what cannot be booked', async () => {
    const { code, output } = await necto(['quote', 'h100 x1 4h'])
    expect(code).toBe(0)
    expect(output).toMatch(/^Scanning Akash… ✓ \d+ offers, \d+\.\d s/m)
    expect(output).toMatch(/^Provider +GPU +\$\/GPU-h +± +Model +Region +Verdict$/m)
    expect(output).toMatch(/^AWS Spot +h100-80gb-sxm +\$[\d.]+ +±[\d.]+% +spot +\S+ +fits$/m)
    // Where a launcher exists, what it lacks is named.
    expect(output).toMatch(
      /A price to compare, not to book here: Necto cannot start jobs on \S+ yet(: [A-Z_, ]+ or [A-Z_]+ is not set)?\./,
    )
    expect(output).toContain('no Necto answers at http://127.0.0.1:9')
    const toBook = (await necto(['quote', 'h100', 'x1', '4h', 'bookable'])).output
    for (const text of ['Nothing that fits can be booked', 'not bookable', 'Necto cannot start jobs on io.net yet'])
      expect(toBook).toContain(text)
  })

  test('PROV-04: Render stands beside the others, its nodes as prices, its rate card as an estimate', async () => {
    const { code, output } = await necto(['quote', '4090 x1 1h'])
    expect(code).toBe(0)
    expect(output).toMatch(/^Scanning Render… ✓ \d+ offers/m)
    expect(output).toMatch(/^Render .*\$0\.\d+ .*fits$/m)
    expect(output).toContain('2 × an estimate, no offer')
    expect(output).toMatch(/^AWS Spot +– .* no such GPU$/m)
    const alone = await necto(['quote', '4090 x1 1h'], { DISPERSED_SECRET_KEY: '' })
    expect(alone.output).toContain('Dispersed left out: DISPERSED_SECRET_KEY not set')
    expect(alone.output).not.toMatch(/^Render .*fits$/m)
    expect(alone.output).toContain('≈ is an estimate from a rate card')
  })

  test('--json is one document with decimal strings', async () => {
    const { code, output } = await necto(['quote', 'h100 x1 4h max 9 bookable', '--json'])
    expect(code).toBe(0)
    const answer = JSON.parse(output)
    expect(answer).toMatchObject({ ok: true, ask: { maxUsdPerGpuHour: '9.000000', gpuCount: 1 }, offersFitting: 0 })
    expect(answer.comparison.length).toBeGreaterThan(1)
    expect(answer.nearMisses[0].usdPerGpuHour).toMatch(/^\d+\.\d{6}$/)
  })

  test('FEED-02 FEED-03: token prices take one request, and without them the comparison is made all the same', async () => {
    const priced = () => providers.requests('coingecko').filter((request) => request.includes('/simple/price')).length
    const before = priced()
    await necto(['quote', 'h100 x1 4h'])
    expect(priced()).toBe(before + 1)
    providers.faults.set('coingecko', { kind: 'down' })
    const { code, output } = await necto(['quote', 'h100 x1 4h'])
    providers.faults.clear()
    expect(code).toBe(0)
    expect(output).toContain('Scanning Akash… ✓ ')
    expect(output).toMatch(/^token prices cannot be read \(coingecko\)$/m)
  })

  test('--live asks the real endpoints: no address or key of the environment is used, who needs a key is left out', async () => {
    // Whatever leaves the process goes to this proxy, which notes for whom and reaches nobody.
    const asked: string[] = []
    const proxy = createServer().on('connect', ({ url = '' }, socket) => {
      asked.push(url)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const standIns = ['akash', 'ionet', 'ec2', 'dispersed', 'coingecko']
    const before = standIns.flatMap((name) => providers.requests(name))
    const { code, output } = await necto(['quote', 'h100 x1 4h', '--live'], {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    })
    proxy.close()
    expect(code).toBe(0)
    expect(asked).toEqual(expect.arrayContaining(['console-api.akash.network:443', 'api.coingecko.com:443']))
    expect(standIns.flatMap((name) => providers.requests(name))).toEqual(before)
    expect(output).toContain('Addresses and keys in the environment are not used')
    expect(output).toContain('Scanning Akash… ✗ absent: It could not be reached.')
    expect(output).toMatch(/Scanning AWS Spot… – left out: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set/)
  })

  test('what cannot be read is said, with an example; the exit code says so too', async () => {
    const { code, output } = await necto(['quote', 'h1oo x1'])
    expect(code).toBe(2)
    expect(output).toContain('Did you mean h100?')
    expect(output).toContain('For example: necto quote h100 x1 4h')
  })

  test('without credentials AWS is left out and says what is missing', async () => {
    const { code, output } = await necto(['quote', 'h100 x1 4h'], { AWS_ACCESS_KEY_ID: '' })
    expect(code).toBe(0)
    expect(output).toContain('left out: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set')
  })

  test('a secret given as a setting is in no output, and a wrong setting is named without its value', async () => {
    const key = `0x${'ab'.repeat(32)}`
    const { code, output } = await necto(['quote', 'h100 x1 4h'], { AGENT_KEY: `${key}ff`, WEB_PORT: 'x' })
    expect(code).toBe(1)
    expect(output).toContain('AGENT_KEY: a private key')
    expect(output).toContain('WEB_PORT: a whole number')
    expect(output).not.toContain('abab')
  })

  test('doctor: settings that are not valid stop neither it nor help; providers asked with --check', async () => {
    const faulty = await necto(['doctor'], { WEB_PORT: 'x', AGENT_KEY: 'hunter2' })
    expect(faulty.code).toBe(1)
    expect(faulty.output).toMatch(/^- Not valid: WEB_PORT: .*; AGENT_KEY: a private key/m)
    expect(faulty.output).not.toContain('hunter2')
    expect(await necto(['help', 'doctor'], { WEB_PORT: 'x' })).toMatchObject({ code: 0 })
    const { code, output } = await necto(['doctor', '--check'])
    expect(code).toBe(1)
    expect(output).toMatch(/^- Missing: TELEGRAM_BOT_TOKEN or DISCORD_BOT_TOKEN, /m)
    expect(output).toMatch(/^Scanning AWS Spot… ✓ \d+ offers/m)
  })

  test('offers: a recorded reply as a table, exit code 2 for what is none', async () => {
    const card = await necto(['offers', 'render', '--replay', 'data/render-rates.json', '--json'])
    expect(card.code).toBe(0)
    // What is behind the document was said on stderr.
    const document = card.output.slice(0, card.output.lastIndexOf('\n}') + 2)
    expect(JSON.parse(document).offers.length).toBeGreaterThan(1)
    expect(await necto(['offers', 'render', '--replay', 'package.json'])).toEqual({
      code: 2,
      output: "package.json is neither Render's rate card nor a list of Dispersed's offers.\n",
    })
  })

  test('help lists the verbs; an unknown verb is named; verify without settings says which are missing', async () => {
    expect((await necto(['help'])).output).toContain('recompute a decision')
    expect(await necto(['fly'])).toMatchObject({ code: 2, output: expect.stringContaining('There is no "fly"') })
    expect((await necto(['offers', '--help'])).output).toBe((await necto(['help', 'offers'])).output)
    expect(await necto(['quote'])).toMatchObject({ code: 2, output: expect.stringContaining('Words of an ask') })
    expect(await necto(['verify', 'K7QF-3M2P'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('ROUTER_ADDRESS'),
    })
  })
})
