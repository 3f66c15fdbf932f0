// `necto doctor`: what is set, what is missing and what that turns off; no secret in any of it; real endpoints asked.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../core/clock.ts'
import { readConfig, SETTINGS, START_NEEDS } from '../../core/config.ts'
import { indexStream } from '../../core/jobs/jobIndex.ts'
import { createTestProvider, testBatch } from '../../core/market/testMarket.ts'
import { providerModules, providerSettings } from '../../core/providers/registry.ts'
import type { Env } from '../../core/settings.ts'
import { type Anvil, anvilAccount, startAnvil } from '../../test/world/chain/anvil.ts'
import { startDiscord } from '../../test/world/discord/startDiscord.ts'
import { keyOf } from '../../test/world/startWorld.ts'
import { startTelegram } from '../../test/world/telegram/startTelegram.ts'
import { noFaults } from '../../test/world/zerog/faults.ts'
import { createKvMethods } from '../../test/world/zerog/kv/kvMethods.ts'
import { createStreamState } from '../../test/world/zerog/kv/streamState.ts'
import { serveNode } from '../../test/world/zerog/serveNode.ts'
import { checkProviders, checkServices } from './doctorChecks.ts'
import { runDoctor } from './doctorCommand.ts'
import { createTestOutput } from './testOutput.ts'

const key = (digit: string) => `0x${digit.repeat(64)}`
const address = (digit: string) => `0x${digit.repeat(40)}`
const SECRETS = ['123456:telegram-secret', key('a'), key('b'), key('c'), key('d'), 'rpc-secret', 'aws-secret']
const complete: Env = {
  TELEGRAM_BOT_TOKEN: SECRETS[0],
  ESCROW_RPC_URLS: 'https://rpc.example/v2/rpc-secret',
  ROUTER_ADDRESS: address('1'),
  REGISTRY_ADDRESS: address('2'),
  AGENT_KEY: key('a'),
  RELAY_KEY: key('b'),
  QUOTER_KEY: key('c'),
  STORAGE_RPC_URL: 'https://storage.example/rpc-secret',
  STORAGE_INDEXER_URL: 'https://indexer.example',
  STORAGE_FLOW_ADDRESS: address('3'),
  STORAGE_KEY: key('d'),
  NECTO_ADMINS: 'telegram:7',
}

async function doctor(env: Env, args: readonly string[] = []) {
  const output = createTestOutput()
  const context = {
    env,
    clock: systemClock,
    signal: new AbortController().signal,
    get config() {
      return readConfig(env, providerSettings)
    },
  }
  const code = await runDoctor({ args, context, modules: providerModules, providers: () => [], ...output })
  return { code, out: output.printed(), err: output.warned() }
}

describe('what the settings say', () => {
  test('all that start needs: exit code 0, values shown, secrets only as set', async () => {
    const { code, out } = await doctor({
      ...complete,
      AWS_SECRET_ACCESS_KEY: 'aws-secret',
      PUBLIC_URL: 'https://me:pw@n.example/?k=v',
    })
    expect(code).toBe(0)
    expect(out).toContain('necto start has all that it needs.')
    expect(out).toMatch(/✓ AGENT_KEY +set$/m)
    expect(out).toMatch(/✓ ESCROW_RPC_URLS +set$/m)
    expect(out).toMatch(new RegExp(`✓ ROUTER_ADDRESS +${address('1')}$`, 'm'))
    expect(out).toMatch(/✓ FEE_BPS +250 \(default\)$/m)
    expect(out).toMatch(/✓ PUBLIC_URL +https:\/\/n\.example\/$/m)
    for (const secret of [...SECRETS, 'pw']) expect(out).not.toContain(secret)
    // What the AWS prices still lack is off, but start does without.
    expect(out).toMatch(/– AWS_ACCESS_KEY_ID +missing .*; off: AWS Spot prices$/m)
    expect(out).toMatch(/^- Off: .*AWS Spot prices/m)
    for (const heading of ['process', 'chat', 'escrow', 'storage', 'limits', 'providers'])
      expect(out.split('\n')).toContain(heading)
  })

  test('nothing set: exit code 1, all that is missing in one line, and what is off', async () => {
    const { code, out } = await doctor({})
    expect(code).toBe(1)
    expect(out).toContain('necto start cannot begin yet.')
    expect(out).toContain(`- Missing: TELEGRAM_BOT_TOKEN or DISCORD_BOT_TOKEN, ${START_NEEDS.join(', ')}`)
    expect(out).toMatch(/✗ ROUTER_ADDRESS +missing \(ComputeRouter\); off: payments$/m)
    expect(out).toMatch(
      /^- Off: metrics and health checks; approving sellers; Telegram; Discord; payments; listing sellers; running jobs; the backstop; decisions on 0G/m,
    )
    expect(out).toMatch(/– USDC_ADDRESS +not set \(USDC; else from data\/networks\.json\)$/m)
  })

  test.each(START_NEEDS.map((name) => [name]))('without %s start cannot begin', async (name) => {
    const { code, out } = await doctor({ ...complete, [name]: '' })
    expect(code).toBe(1)
    expect(out).toContain(`- Missing: ${name}\n`)
  })

  test('one chat platform is enough, whichever it is', async () => {
    const discord = await doctor({ ...complete, TELEGRAM_BOT_TOKEN: '', DISCORD_BOT_TOKEN: 'MTE5.discord.secret' })
    expect(discord.code).toBe(0)
    expect(discord.out).toMatch(/– TELEGRAM_BOT_TOKEN +missing .*; off: Telegram$/m)
    expect(discord.out).toMatch(/✓ DISCORD_BOT_TOKEN +set$/m)
    const none = await doctor({ ...complete, TELEGRAM_BOT_TOKEN: '' })
    expect(none.code).toBe(1)
    expect(none.out).toContain('- Missing: TELEGRAM_BOT_TOKEN or DISCORD_BOT_TOKEN\n')
  })

  test('a list of nothing is missing too', async () => {
    expect((await doctor({ ...complete, ESCROW_RPC_URLS: ' , ' })).out).toContain('- Missing: ESCROW_RPC_URLS\n')
  })

  test('every fault at once, without its value', async () => {
    const { code, out } = await doctor({ ...complete, AGENT_KEY: 'hunter2', WEB_PORT: '99999', AKASH_API_URL: 'akash' })
    expect(code).toBe(1)
    expect(out).toMatch(/^- Not valid: WEB_PORT: .*; AGENT_KEY: a private key.*; AKASH_API_URL: an http/m)
    expect(out).toMatch(/✗ WEB_PORT +not valid: a whole number from 0 to 65535$/m)
    expect(out).not.toContain('hunter2')
  })

  test('a chain nobody described is found', async () => {
    const { code, out } = await doctor({ ...complete, ESCROW_CHAIN_ID: '5' })
    expect(code).toBe(1)
    expect(out).toContain('- Not valid: ESCROW_CHAIN_ID 5 is not usable.')
  })

  test('--json says the same', async () => {
    const { code, out } = await doctor({ ...complete, AGENT_KEY: '', WEB_PORT: 'x' }, ['--json'])
    expect(code).toBe(1)
    const document = JSON.parse(out)
    expect(document).toMatchObject({
      ready: false,
      missing: ['AGENT_KEY'],
      faults: [expect.stringContaining('WEB_PORT')],
    })
    const findings = document.groups.flatMap((group: { findings: unknown[] }) => group.findings)
    expect(findings).toContainEqual(
      expect.objectContaining({ key: 'AGENT_KEY', state: 'missing', off: 'running jobs' }),
    )
    expect(findings).toHaveLength(SETTINGS.length + providerSettings.length)
    for (const secret of SECRETS) expect(out).not.toContain(secret)
  })

  test('what it does not know', async () => {
    expect(await doctor({}, ['--chekc'])).toMatchObject({ code: 2, err: expect.stringContaining('--check?') })
    expect(await doctor({}, ['now'])).toMatchObject({ code: 2, err: expect.stringContaining('"now"') })
  })
})

describe('--check', () => {
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  /** A chain by its id at /key, an indexer at /file, anything at /silent never answers. */
  async function outside(chainId: number) {
    const reached = Promise.withResolvers<void>()
    const server = createServer(async (request, response) => {
      if (request.url?.startsWith('/silent')) return reached.resolve()
      if (request.url?.startsWith('/file')) return response.end('{"code":101,"message":"File not found","data":null}')
      const { id } = JSON.parse(await text(request))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: `0x${chainId.toString(16)}` }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stops.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, reached: reached.promise }
  }

  test('chains with the right id, an indexer that answers: ready', async () => {
    const [escrow, storage] = [await outside(84532), await outside(16602)]
    const [telegram, discord] = [await startTelegram(), await startDiscord()]
    stops.push(
      () => void telegram.stop(),
      () => void discord.stop(),
    )
    const env = {
      ...complete,
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_BOT_TOKEN: discord.token,
      DISCORD_API_ROOT: discord.apiRoot,
      ESCROW_RPC_URLS: `${escrow.url}/rpc-secret`,
      STORAGE_RPC_URL: storage.url,
      STORAGE_INDEXER_URL: storage.url,
    }
    const { code, out } = await doctor(env, ['--check'])
    expect(out).toContain('✓ Telegram: the bot is @necto_bot')
    expect(out).toContain('✓ Discord: the bot is necto')
    for (const { token } of [telegram, discord]) expect(out).not.toContain(token)
    expect(out).toMatch(/✓ Escrow chain, 127\.0\.0\.1:\d+: chain 84532/)
    expect(out).toMatch(/✓ 0G chain, 127\.0\.0\.1:\d+: chain 16602/)
    expect(out).toMatch(/✓ 0G indexer, 127\.0\.0\.1:\d+: answers/)
    expect(out).not.toContain('rpc-secret')
    expect(code).toBe(0)
  })

  test('a key-value node is asked for the stream of the index; one that lacks it is told which to add', async () => {
    const own = indexStream({ chainId: 84532, router: address('1') as `0x${string}` })
    const other = `0x${'e'.repeat(64)}` as const
    const node = async (held: `0x${string}`[]) => {
      const methods = createKvMethods({ held, state: createStreamState, results: () => new Map(), appliedSeq: () => 0 })
      const stopping = new AbortController()
      const server = await serveNode({ methods, faults: { ...noFaults }, clock: systemClock, signal: stopping.signal })
      stops.push(() => void server.stop())
      return server.url
    }
    const ask = async (env: Env) => (await doctor({ ...complete, ESCROW_RPC_URLS: '', ...env }, ['--check'])).out
    expect(await ask({ STORAGE_KV_URL: await node([own]) })).toMatch(
      new RegExp(`✓ 0G key-value node, 127.0.0.1:\\d+: keeps the index, stream ${own}`),
    )
    expect(await ask({ STORAGE_KV_URL: await node([other]), STORAGE_KV_STREAM: other })).toContain(other)
    expect(await ask({ STORAGE_KV_URL: await node([other]) })).toContain(
      `it does not replay stream ${own}: name it in its stream_ids`,
    )
    expect(await ask({ STORAGE_KV_URL: 'http://127.0.0.1:1' })).toContain('✗ 0G key-value node, 127.0.0.1:1')
    const without = await doctor(complete)
    expect(without.out).toMatch(/Off: .*the index of jobs on 0G \(the one in the data folder stays the only one\)/)
    expect(without.code).toBe(0)
  })

  test('a wrong token, a wrong chain and one that is away are named, and start would fail', async () => {
    const wrong = await outside(1)
    const discord = await startDiscord()
    stops.push(() => void discord.stop())
    const env = {
      ...complete,
      TELEGRAM_API_ROOT: 'http://127.0.0.1:1',
      DISCORD_BOT_TOKEN: 'MTE5.wrong.token',
      DISCORD_API_ROOT: discord.apiRoot,
      ESCROW_RPC_URLS: `${wrong.url}/a,http://127.0.0.1:1/rpc-secret`,
      STORAGE_RPC_URL: wrong.url,
      STORAGE_INDEXER_URL: wrong.url,
    }
    const { code, out } = await doctor(env, ['--check'])
    expect(code).toBe(1)
    expect(out).toContain('✗ Discord: Discord does not know this bot token.')
    expect(out).toMatch(/✗ Telegram: .*did not answer/)
    expect(out).not.toContain('MTE5')
    expect(out).toMatch(/✗ Escrow chain, 127\.0\.0\.1:\d+: it is chain 1, ESCROW_CHAIN_ID says 84532/)
    expect(out).toContain('✗ Escrow chain, 127.0.0.1:1: could not be reached')
    expect(out).toContain('it is chain 1, STORAGE_CHAIN_ID says 16602')
    expect(out).toMatch(/- Does not answer as it should: .*Escrow chain/)
    expect(out).not.toContain('rpc-secret')
  })

  describe('the backstop', () => {
    const check = async (env: Env) => {
      const checks = await checkServices(readConfig(env), {
        clock: systemClock,
        signal: new AbortController().signal,
        timeoutMs: 5_000,
      })
      return checks.filter(({ name }) => name.startsWith('Backstop'))
    }
    let chain: Anvil
    let env: Env
    beforeAll(async () => {
      chain = await startAnvil({ chainId: 31_337 })
      env = {
        ESCROW_CHAIN_ID: '31337',
        BACKSTOP_RPC_URLS: chain.url,
        BACKSTOP_KEY: keyOf(9),
        RELAY_KEY: keyOf(4),
      }
    })
    afterAll(() => chain.stop())

    test('a wallet of its own that can pay, over endpoints of its own', async () => {
      expect(await check(env)).toMatchObject([
        { name: 'Backstop wallet', ok: true, detail: expect.stringContaining(`${anvilAccount(9).address} holds 1`) },
        { name: expect.stringContaining('Backstop chain, 127.0.0.1'), ok: true, detail: 'chain 31337' },
      ])
    })

    test('no key, an empty wallet, a key of the relay, an endpoint that is away, no endpoint, no Automate: each named', async () => {
      expect(await check({})).toEqual([{ name: 'Backstop', detail: 'not set' }])
      const [empty] = await check({ ...env, BACKSTOP_KEY: key('e') })
      expect(empty).toMatchObject({ ok: false, detail: expect.stringContaining('holds 0 ETH: send 0.002') })
      const [same] = await check({ ...env, RELAY_KEY: keyOf(9) })
      expect(same).toMatchObject({ ok: false, detail: expect.stringContaining('it needs its own') })
      const away = await check({ ...env, BACKSTOP_RPC_URLS: 'http://127.0.0.1:1/rpc-secret' })
      expect(away.map(({ ok }) => ok)).toEqual([false, false])
      expect(JSON.stringify(away)).not.toContain('rpc-secret')
      const [none] = await check({ ...env, BACKSTOP_RPC_URLS: '' })
      expect(none).toMatchObject({ ok: false, detail: expect.stringContaining('neither BACKSTOP_RPC_URLS') })
      const gelato = { ...env, BACKSTOP_DRIVER: 'gelato', BACKSTOP_AUTOMATE_ADDRESS: address('4') }
      expect((await check(gelato))[1]).toMatchObject({ name: 'Backstop Automate', ok: false })
    })
  })

  test('settings that are not valid are mended first', async () => {
    expect((await doctor({ ...complete, WEB_PORT: 'x' }, ['--check'])).out).toContain('Nothing was asked')
  })

  test('what is not set is not asked', async () => {
    const { out } = await doctor({}, ['--check'])
    expect(out).toContain('– Discord: not set')
    expect(out).toContain('– Escrow chain: not set')
    expect(out).toContain('– 0G indexer: not set')
    expect(out).toContain('– 0G key-value node: not set')
  })

  test('who does not answer costs its time limit and no more; the signal ends it at once', async () => {
    const clock = createManualClock(0)
    const { url, reached } = await outside(84532)
    const config = readConfig({ ESCROW_RPC_URLS: `${url}/silent` })
    const stop = new AbortController()
    const checks = checkServices(config, { clock, signal: stop.signal, timeoutMs: 5_000 })
    await reached
    await clock.tick(5_000)
    const escrow = (await checks).find(({ name }) => name.startsWith('Escrow chain'))
    expect(escrow).toMatchObject({ ok: false, detail: 'no answer within 5 s' })
    const again = checkServices(config, { clock, signal: stop.signal, timeoutMs: 5_000 })
    stop.abort(new Error('told to stop'))
    await expect(again).rejects.toThrow('told to stop')
  })

  test('providers: how many offers, or why none', async () => {
    const clock = createManualClock(0)
    const make = (id: string, answers: Parameters<typeof createTestProvider>[0]['answers'], missing?: string) =>
      createTestProvider({ id, clock, answers, ...(missing && { missing }) })
    const providers = [
      make('good', [{ afterMs: 0, give: testBatch('good') }]),
      make('slow', [{ afterMs: 60_000, give: testBatch('slow') }]),
      make('keyless', [], 'SOME_KEY'),
    ]
    const checks = checkProviders(providers, { clock, signal: new AbortController().signal, timeoutMs: 6_000 })
    await clock.tick(6_000)
    const states = (await checks).map(({ id, state }) => [id, state])
    expect(Object.fromEntries(states)).toEqual({ good: 'answered', slow: 'late', keyless: 'skipped' })
  })
})
