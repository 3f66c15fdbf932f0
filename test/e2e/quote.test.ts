// `necto quote` and `necto help` as a user types them, against the world's providers.
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
        ...more,
      },
    })

  beforeAll(async () => {
    providers = await startProviders({ seed: 'quote', delayMs: [0, 0] })
  })
  afterAll(() => providers.stop())

  test('BUYER-02: the comparison, with ages, reasons and what cannot be booked', async () => {
    const { code, output } = await necto(['quote', 'h100 x1 4h'])
    expect(code).toBe(0)
    for (const text of ['✓ Akash: ', '✓ AWS Spot: ', 'Provider', 'not bookable', 'Necto cannot start jobs on AWS yet'])
      expect(output).toContain(text)
  })

  test('PROV-04: Render stands beside the others, its nodes as prices, its rate card as an estimate', async () => {
    const { code, output } = await necto(['quote', '4090 x1 1h'])
    expect(code).toBe(0)
    expect(output).toMatch(/✓ Render: \d+ offers/)
    expect(output).toMatch(/^Render +\$0\.\d+ +fits$/m)
    expect(output).toContain('2 × an estimate, no offer')
    const alone = await necto(['quote', '4090 x1 1h'], { DISPERSED_SECRET_KEY: '' })
    expect(alone.output).toContain('Dispersed left out: DISPERSED_SECRET_KEY not set')
    expect(alone.output).not.toMatch(/^Render .*fits$/m)
  })

  test('--json is one document with decimal strings', async () => {
    const { code, output } = await necto(['quote', 'h100 x1 4h max 9', '--json'])
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
    expect(output).toContain('✓ Akash: ')
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
    expect(output).toContain('AWS Spot left out: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is not set')
  })

  test('a secret given as a setting is in no output, and a wrong setting is named without its value', async () => {
    const key = `0x${'ab'.repeat(32)}`
    const { code, output } = await necto(['quote', 'h100 x1 4h'], { AGENT_KEY: `${key}ff`, WEB_PORT: 'x' })
    expect(code).toBe(1)
    expect(output).toContain('AGENT_KEY: a private key')
    expect(output).toContain('WEB_PORT: a whole number')
    expect(output).not.toContain('abab')
  })

  test('help lists the verbs; an unknown verb is named; verify without settings says which are missing', async () => {
    expect((await necto(['help'])).output).toContain('verify <job|root|file>')
    expect(await necto(['fly'])).toMatchObject({ code: 2, output: expect.stringContaining('There is no "fly"') })
    expect(await necto(['verify', 'K7QF-3M2P'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('ROUTER_ADDRESS'),
    })
  })
})
