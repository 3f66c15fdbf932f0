// The whole of setup against a local world: typed answers, the file that comes out, the contracts, and every kind of mistake.
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEPLOYMENT_GAS } from '../contracts/deploy.ts'
import { readConfig, requireSettings, SETTINGS, START_NEEDS } from '../core/config.ts'
import { holdsRole, isLister } from '../core/escrow/routerReads.ts'
import { secretsOf } from '../core/settings.ts'
import { startProcess } from '../test/world/childProcess.ts'
import { people } from '../test/world/startEscrowChain.ts'
import { keyOf } from '../test/world/startWorld.ts'
import { settingsOf } from './envFile.ts'
import { goodScript, playSetup, type Script, type SetupWorld, startSetupWorld } from './testSetup.ts'

let world: SetupWorld
let complete: string
beforeAll(async () => {
  world = await startSetupWorld()
})
afterAll(() => world.stop())

const newFile = (name: string) => path.join(world.folder, name)

describe('from nothing', () => {
  test('typed answers become settings that start takes, contracts with the right roles, and links', async () => {
    await writeFile(world.file, '# mine\nMY_OWN=kept\nLOG_LEVEL=debug\n', { mode: 0o644 })
    const played = await playSetup({ world, script: (printed) => goodScript(world, printed) })
    expect(played).toMatchObject({ code: 0, unused: [] })
    complete = played.text
    expect(complete).toMatch(/^# mine\nMY_OWN=kept\nLOG_LEVEL=debug\n/)
    expect((await stat(world.file)).mode & 0o777).toBe(0o600)

    const config = readConfig({ ...settingsOf(complete) })
    const set = requireSettings(config, START_NEEDS)
    expect(config).toMatchObject({ LOG_LEVEL: 'debug', NECTO_ADMINS: ['telegram:42'], ESCROW_CHAIN_ID: 31_337 })
    const { client } = world.escrow
    const [router, registry] = [set.ROUTER_ADDRESS, set.REGISTRY_ADDRESS]
    const address = (name: string) => new RegExp(`✓ ${name} (0x\\w{40})`).exec(played.printed)?.[1] as Address
    const [agent, quoter] = [address('agent'), address('quoter')]
    expect(await holdsRole({ client, router, role: 'AGENT', account: agent })).toBe(true)
    expect(await holdsRole({ client, router, role: 'QUOTER', account: quoter })).toBe(true)
    expect(await holdsRole({ client, router, role: 'PAUSER', account: people.admin.address })).toBe(true)
    expect(await holdsRole({ client, router, role: 'PAUSER', account: agent })).toBe(false)
    expect(await isLister({ client, registry, account: agent })).toBe(true)

    expect(played.printed).toContain('https://t.me/necto_bot?startgroup=necto')
    const id = world.discord.applicationId
    expect(played.printed).toContain(`client_id=${id}&scope=bot+applications.commands&permissions=274877959168`)
    expect(world.telegram.calls('setMyCommands')).toHaveLength(2)
    expect(world.discord.commands().map(({ name }) => name)).toContain('job')
  })

  test('the estimate covers what the contracts cost, without being twice that', async () => {
    const from = BigInt(settingsOf(complete).ROUTER_FROM_BLOCK ?? '0')
    const blocks = await Promise.all(
      [0n, 1n, 2n].map((back) => world.escrow.client.getBlock({ blockNumber: from - back })),
    )
    const used = blocks.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
    expect(used).toBeLessThan(DEPLOYMENT_GAS)
    expect(used * 2n).toBeGreaterThan(DEPLOYMENT_GAS)
  })

  test('again with Enter alone: the same file, not even written, and nothing sent', async () => {
    const before = await stat(world.file)
    const block = await world.escrow.client.getBlockNumber()
    const again = await playSetup({ world })
    expect(again).toMatchObject({ code: 0, text: complete })
    expect(await stat(world.file)).toMatchObject({ mtimeMs: before.mtimeMs, ino: before.ino })
    expect(await world.escrow.client.getBlockNumber()).toBe(block)
  })

  test('no secret is ever printed', async () => {
    const secrets = secretsOf(SETTINGS, settingsOf(complete))
    expect(secrets).toHaveLength(7)
    const printed = (await playSetup({ world, mode: 'check' })).printed + (await playSetup({ world })).printed
    for (const secret of secrets) expect(printed).not.toContain(secret)
  })
})

describe('mistakes are explained, and mended on the spot', () => {
  test('each question, answered wrongly and then rightly', async () => {
    const { escrow, storage, telegram, zeroG, flowAddress } = world
    const wrong: Script = [
      ['Network', 'mainet'],
      ['Network', 'custom'],
      ['Chain id of the escrow', '5'],
      ['Telegram bot token', 'my-bot'],
      ['Telegram bot token', `${telegram.token.split(':')[0]}:${'x'.repeat(35)}`],
      ['Discord bot token', 'abc'],
      ['Discord bot token', 'MTE5.Local0.not-the-token'],
      ['Discord bot token', '-'],
      ['RPC endpoints', 'localhost:8545'],
      ['RPC endpoints', `${escrow.anvil.url},${storage.url}`],
      ['RPC endpoints', 'http://127.0.0.1:1/key-of-the-endpoint'],
      ['USDC on', people.stranger.address],
      ['USDC on', escrow.feeds.USDC.address],
      ['RPC endpoint of', escrow.anvil.url],
      ['indexer', storage.url],
      ['Flow', people.stranger.address],
      ['Key (agent)', '0x1234'],
      ['Key (agent)', keyOf(1)],
      ['Key (relay)', keyOf(1)],
      ['Key (backstop)', keyOf(1)],
      ["Backstop's own", storage.url],
      ["Backstop's own", escrow.anvil.url],
      ['Public', 'necto.example'],
      ['Public', 'http://necto.example'],
      ['Public', 'https://necto.example/pay'],
      ['Who approves', '@ann'],
      ['owner', 'me'],
      ["Chainlink's", escrow.usdc.address],
      ['Deploy to', 'no'],
    ]
    const { code, printed, unused } = await playSetup({
      world,
      file: newFile('mistakes.env'),
      script: (soFar) => [
        ...wrong,
        ...goodScript(world, soFar).filter(([words]) => words !== 'Network' && words !== 'Discord bot token'),
      ],
    })
    expect(unused).toEqual([])
    for (const text of [
      '"mainet" is none of testnet, mainnet, custom.',
      'Chain 5 is not in data/networks.json',
      'A bot token looks like 123456789:AAF…',
      'Telegram does not know this bot token.',
      'A bot token has three parts',
      'Discord does not know this bot token.',
      '– Discord bot token: no Discord',
      'An endpoint begins with https://',
      `${new URL(storage.url).host} is chain 31338, not 31337.`,
      '127.0.0.1:1 does not answer as a chain does.',
      `There is no contract at ${people.stranger.address} on this chain.`,
      `${new URL(escrow.anvil.url).host} is chain 31337, not 31338.`,
      'It has to be a private key: 0x and 64 hex digits.',
      'This is the key of the agent; each needs its own.',
      'This is another key of Necto; the backstop needs its own.',
      'It has to be an http(s) address.',
      'It has to be an address: 0x and 40 hex digits.',
      'does not answer as USDC does.',
      'does not answer as a 0G indexer does.',
      'Wallets and signatures need https: https://necto.example',
      'Only the origin, without a path or more: https://necto.example',
      '"@ann" is none. Write telegram: or discord:, then the number',
      'No price feed answers',
      'Not deployed; ./necto setup asks again.',
      `start still needs ROUTER_ADDRESS, REGISTRY_ADDRESS`,
    ])
      expect(printed).toContain(text)
    expect(printed).not.toContain('key-of-the-endpoint')
    expect(printed).toContain(`Flow ${flowAddress}`)
    expect(printed).toContain(new URL(zeroG.url).host)
    expect(code).toBe(1)
  })

  test('contracts that another key runs: what is lacking, and new ones only when asked for', async () => {
    const file = newFile('other-agent.env')
    await writeFile(file, complete.replace(/^AGENT_KEY=.*$/m, `AGENT_KEY=${keyOf(6)}`))
    const kept = await playSetup({ world, file })
    expect(kept.printed).toMatch(/✗ The agent 0x\w+ has not the AGENT role: the owner grants it\./)
    expect(kept.printed).toMatch(/✗ The agent 0x\w+ may not list sellers/)
    const checked = await playSetup({ world, file, mode: 'check' })
    expect(checked).toMatchObject({ code: 1, text: kept.text })
    const renewed = await playSetup({ world, file, script: [['new contracts instead', 'yes']] })
    expect(renewed.code).toBe(0)
    expect(settingsOf(renewed.text).ROUTER_ADDRESS).not.toBe(settingsOf(complete).ROUTER_ADDRESS)
  })

  test('no router where one should be', async () => {
    const file = newFile('no-router.env')
    await writeFile(file, complete.replace(/^ROUTER_ADDRESS=.*$/m, `ROUTER_ADDRESS=${people.stranger.address}`))
    const checked = await playSetup({ world, file, mode: 'check' })
    expect(checked.code).toBe(1)
    expect(checked.printed).toContain(`No ComputeRouter answers at ${people.stranger.address}`)
  })

  test('another network: what belongs to the former chain is forgotten, the keys stay', async () => {
    const file = newFile('moved.env')
    await writeFile(file, `${complete}\nBACKSTOP_RPC_URLS=${world.escrow.anvil.url}\n`)
    const stop = new AbortController()
    const { code, text } = await playSetup({
      world,
      file,
      stop,
      script: [
        ['Network', 'testnet'],
        [
          'Telegram bot token',
          () => {
            stop.abort()
            return ''
          },
        ],
      ],
    })
    expect(code).toBe(130)
    const settings = settingsOf(text)
    expect(settings).toMatchObject({ ESCROW_CHAIN_ID: '84532', ROUTER_ADDRESS: '', STORAGE_RPC_URL: '' })
    expect(settings.BACKSTOP_RPC_URLS).toBe('')
    expect(settings.AGENT_KEY).toBe(settingsOf(complete).AGENT_KEY)
  })
})

describe('the backstop', () => {
  test('Enter makes a key of its own, told by its address with what to send; a dash leaves it out, and start does without', async () => {
    const file = newFile('backstop.env')
    const without = complete.replace(/^BACKSTOP_KEY=.*$/m, '')
    await writeFile(file, without)
    const left = await playSetup({ world, file, script: [['Key (backstop)', '-']] })
    expect(left).toMatchObject({ code: 0, unused: [] })
    expect(settingsOf(left.text).BACKSTOP_KEY || undefined).toBeUndefined()
    expect(left.printed).toContain('– Key (backstop): no backstop')
    expect((await playSetup({ world, file, mode: 'check' })).code).toBe(0)
    const unattended = await playSetup({ world, file, mode: 'defaults' })
    expect(settingsOf(unattended.text).BACKSTOP_KEY || undefined).toBeUndefined()
    const made = await playSetup({ world, file })
    expect(made.code).toBe(0)
    expect(settingsOf(made.text).BACKSTOP_KEY).toMatch(/^0x[0-9a-f]{64}$/)
    const [, address] = /✓ backstop (0x\w{40})/.exec(made.printed) ?? []
    expect(made.printed).toMatch(new RegExp(`backstop holds 0 ETH: send 0\\.002 ETH on .* to ${address}`))
    expect(made.printed).toContain('./necto backstop on another machine')
    await world.fund(address as Address)
    expect((await playSetup({ world, file })).printed).toContain('✓ backstop holds 1 ETH')
  })
})

describe('stopping and going on', () => {
  test('Ctrl-C between two contracts: both runs together deploy each once', async () => {
    const file = newFile('stopped.env')
    const stop = new AbortController()
    const cut = await playSetup({
      world,
      file,
      stop,
      script: (printed) => goodScript(world, printed),
      onPrint: (text) => void (text.includes('✓ ProviderRegistry') && stop.abort()),
    })
    expect(cut.code).toBe(130)
    expect(cut.printed).toContain('./necto setup goes on from there.')
    const { REGISTRY_ADDRESS: registry, ROUTER_ADDRESS: router } = settingsOf(cut.text)
    expect(registry).toMatch(/^0x/)
    expect(router).toBeUndefined()
    const resumed = await playSetup({ world, file })
    expect(resumed.code).toBe(0)
    expect(resumed.printed).toContain(`ProviderRegistry ${registry} stands already`)
    expect(settingsOf(resumed.text)).toMatchObject({
      REGISTRY_ADDRESS: registry,
      AGENT_KEY: settingsOf(cut.text).AGENT_KEY,
    })
  })
})

describe('without anybody to ask', () => {
  const run = (args: readonly string[], env: Record<string, string>) =>
    startProcess({ args: ['setup/main.ts', ...args], env })

  test('all that is missing is named, exit code 2, and nothing was paid for', async () => {
    const process = run([], { NECTO_ENV_FILE: newFile('none.env'), ESCROW_RPC_URLS: world.escrow.anvil.url })
    expect(await process.ended).toBe(2)
    expect(process.output()).toContain('Missing: TELEGRAM_BOT_TOKEN or DISCORD_BOT_TOKEN')
  })

  test('--yes with an environment: the file, the contracts, exit code 0; --check then finds all well', async () => {
    const file = newFile('yes.env')
    const { TELEGRAM_BOT_TOKEN = '', ESCROW_RPC_URLS = '', USDC_ADDRESS = '' } = settingsOf(complete)
    const env = {
      NECTO_ENV_FILE: file,
      TELEGRAM_API_ROOT: world.telegram.apiRoot,
      TELEGRAM_BOT_TOKEN,
      ESCROW_CHAIN_ID: '31337',
      ESCROW_RPC_URLS,
      USDC_ADDRESS,
      STORAGE_CHAIN_ID: '31338',
      STORAGE_RPC_URL: world.storage.url,
      STORAGE_INDEXER_URL: world.zeroG.url,
      STORAGE_FLOW_ADDRESS: world.flowAddress,
      AGENT_KEY: keyOf(1),
      RELAY_KEY: keyOf(4),
      STORAGE_KEY: keyOf(3),
      DEPLOY_ADMIN: people.admin.address,
      DEPLOY_USDC_FEED: world.escrow.feeds.USDC.address,
    }
    const unpaid = run([], env)
    expect(await unpaid.ended).toBe(1)
    expect(unpaid.output()).toContain('nobody is here to agree to the cost. --yes does.')
    const paid = run(['--yes'], env)
    expect(await paid.ended).toBe(0)
    const written = settingsOf(await readFile(file, 'utf8'))
    requireSettings(readConfig(written), START_NEEDS)
    const checked = run(['--check'], { NECTO_ENV_FILE: file, TELEGRAM_API_ROOT: world.telegram.apiRoot })
    expect(await checked.ended).toBe(0)
    expect(checked.output()).toContain('All is well: ./necto start can begin.')
    const all = unpaid.output() + paid.output() + checked.output()
    for (const secret of secretsOf(SETTINGS, written)) expect(all).not.toContain(secret)
  })

  test('--check of nothing: exit code 2, and no file', async () => {
    const played = await playSetup({ world, mode: 'check', file: newFile('absent.env'), env: { ESCROW_RPC_URLS: '' } })
    expect(played).toMatchObject({ code: 2, text: '' })
    expect(played.printed).toMatch(/Missing: .*AGENT_KEY, RELAY_KEY, QUOTER_KEY, STORAGE_KEY/)
    expect(played.printed).toContain('Nothing was changed.')
  })
})
