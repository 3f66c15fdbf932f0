// The whole smoke test as a process against the local world, and every way in which it cannot begin or be finished.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SETTINGS, START_NEEDS } from '../core/config.ts'
import { readUsdcBalance } from '../core/escrow/usdc.ts'
import { serveHttp } from '../core/serveHttp.ts'
import { secretsOf } from '../core/settings.ts'
import { lockDirectory } from '../core/store/directoryLock.ts'
import { makeFolder } from '../core/store/durableFile.ts'
import { type RunningProcess, startProcess } from '../test/world/childProcess.ts'
import { accounts, keyOf, startWorld, type World } from '../test/world/startWorld.ts'
import { noFaults } from '../test/world/zerog/faults.ts'
import { networkFault } from './allowedNetwork.ts'
import { SMOKE_SETTINGS } from './smokeSettings.ts'

const PAYER_KEY = keyOf(5)

let world: World
let folder: string
let temporary: string
let env: Record<string, string>
const started: RunningProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'necto-smoke-test-'))
  temporary = path.join(folder, 'tmp')
  await makeFolder(temporary)
  world = await startWorld({ seed: 'smoke', dataDir: path.join(folder, 'live') })
  await world.escrow.usdc.mint(accounts.payer.address, 1_000_000n)
  env = { ...world.env, SMOKE_PAYER_KEY: PAYER_KEY, TMPDIR: temporary }
})
afterEach(() => {
  Object.assign(world.zeroG.faults, noFaults)
})
afterAll(async () => {
  const secrets = secretsOf([...SETTINGS, ...SMOKE_SETTINGS], env)
  expect(secrets.length).toBeGreaterThan(4)
  for (const running of started) for (const secret of secrets) expect(running.output()).not.toContain(secret)
  await world.stop()
  await rm(folder, { recursive: true, force: true })
})

function smoke(args: readonly string[], more: Record<string, string> = {}): RunningProcess {
  const running = startProcess({ args: ['smoke/main.ts', ...args], env: { ...env, ...more } })
  started.push(running)
  return running
}
async function play(args: readonly string[], more: Record<string, string> = {}) {
  const running = smoke(args, more)
  return { code: await running.ended, text: running.output() }
}
const payerHolds = () =>
  readUsdcBalance({
    client: world.escrow.client,
    usdc: world.escrow.usdc.address,
    account: accounts.payer.address,
  })
const kept = () => readdir(temporary)

describe('all of it works', () => {
  test('one job from the listing to the payout, each step with its transaction, and the money counted', async () => {
    const before = await payerHolds()
    const { code, text } = await play(['--yes', '--network', 'custom'])
    expect(text).toContain('All of it works: escrow, relay, 0G, keeper, runner, settlement, verification.')
    expect(code).toBe(0)
    const steps = [
      'Seller listed and approved',
      'waits for jobs',
      'scanned and decided: Smoke test, at most 0.15 USDC',
      'Decision sealed',
      'Signed once on the pay page: 0.15 USDC',
      '0.15 USDC in escrow',
      'Decision stored on 0G',
      'Started on chain',
      'exit code 0, receipt signed',
      'Settled: 0.00',
      'The log, read back from 0G and opened: "Necto smoke test"',
      '✓ ./necto verify',
      '✓ terms-price',
      'Verified: selected necto:S-',
      'What it came to',
    ].map((step) => text.indexOf(step))
    expect(
      steps.every((at) => at > 0),
      `${steps}\n${text}`,
    ).toBe(true)
    expect([...steps].sort((a, b) => a - b)).toEqual(steps)
    expect(text.match(/tx 0x[0-9a-f]{64}/g)).toHaveLength(5)
    const gone = before - (await payerHolds())
    expect(gone).toBeGreaterThan(0n)
    expect(gone).toBeLessThan(1_000n)
    // Nothing is left of its store, and the live one was not even made.
    expect(await kept()).toEqual([])
    expect(await readdir(folder)).toEqual(['tmp'])
  })
})

describe('it does not begin', () => {
  test('nothing is set: every setting that is missing is named at once', async () => {
    const running = startProcess({ args: ['smoke/main.ts', '--yes'], env: { TMPDIR: temporary } })
    expect(await running.ended).toBe(2)
    for (const key of [...START_NEEDS, 'SMOKE_PAYER_KEY']) expect(running.output()).toContain(`✗ ${key} is not set`)
    expect(running.output()).toContain('Nothing was spent.')
  })

  test('too little USDC, no gas, no role: all of it with addresses, in one go', async () => {
    const [relay, payer, quoter] = [generatePrivateKey(), generatePrivateKey(), generatePrivateKey()]
    const { code, text } = await play(['--yes'], { RELAY_KEY: relay, SMOKE_PAYER_KEY: payer, QUOTER_KEY: quoter })
    expect(code).toBe(2)
    expect(text).toContain(
      `The payer holds 0.00 USDC and needs 0.25: send it on local escrow chain to ${privateKeyToAddress(payer)}`,
    )
    expect(text).toMatch(
      new RegExp(`The relay holds 0 ETH and may need 0\\.\\d+: send it .* to ${privateKeyToAddress(relay)}`),
    )
    expect(text).toContain(`The quoter ${privateKeyToAddress(quoter)} has not the QUOTER role`)
    expect(text).toContain('✓ The agent holds')
    for (const secret of [relay, payer, quoter]) expect(text).not.toContain(secret)
  })

  test.each([
    [
      ['--yes'],
      { ESCROW_CHAIN_ID: '8453' },
      'that is real money. Nothing is played there unless you say --network mainnet.',
    ],
    [
      ['--yes', '--network', 'mainnet'],
      { ESCROW_CHAIN_ID: '8453', STORAGE_CHAIN_ID: '16661' },
      'a person has to agree in a terminal',
    ],
    [['--yes', '--network', 'testnet'], {}, 'ESCROW_CHAIN_ID is 31337, STORAGE_CHAIN_ID is 31338, not 84532 and 16602'],
    [['--yes', '--network', 'mainet'], {}, 'not "mainet"'],
    [['--yes'], { SMOKE_PAYER_KEY: '0x12' }, 'SMOKE_PAYER_KEY: a private key'],
    [['--yes', '--wait', 'soon'], {}, '--wait is a whole number of seconds, not "soon".'],
    [['--now'], {}, 'There is no option --now.'],
    [[], {}, 'Nobody is here to agree to that; --yes does. Nothing was spent.'],
  ])('%j %j: %s', async (args, more, says) => {
    const { code, text } = await play(args, more as Record<string, string>)
    expect(text).toContain(says)
    expect(code).toBe(2)
    expect(await kept()).toEqual([])
  })

  test('every pair of chains that takes real money has to be asked for by name', () => {
    const of = (word: string | undefined, escrow: number, storage: number) =>
      networkFault(word, { ESCROW_CHAIN_ID: escrow, STORAGE_CHAIN_ID: storage })
    for (const word of [undefined, 'testnet', 'custom'])
      for (const [escrow, storage] of [
        [8453, 16_661],
        [8453, 16_602],
        [84_532, 16_661],
      ] as const)
        expect(of(word, escrow, storage)).toContain('real money')
    expect(of('mainnet', 8453, 16_661)).toBeUndefined()
    expect(of('mainnet', 84_532, 16_602)).toContain('not 8453 and 16661')
    expect(of('testnet', 84_532, 16_602)).toBeUndefined()
    expect(of(undefined, 84_532, 16_602)).toBeUndefined()
  })

  test('0G does not answer: said before anything is spent, and worth trying later', async () => {
    world.zeroG.faults.down = true
    const before = await payerHolds()
    const { code, text } = await play(['--yes'])
    expect(text).toMatch(/✗ 0G: .*\n[\s\S]*Nothing was spent\. Try again later\./)
    expect(code).toBe(75)
    expect(await payerHolds()).toBe(before)
  })

  test('a Necto over the same store: it has to be stopped first', async () => {
    const live = path.join(folder, 'other')
    await makeFolder(live)
    const lock = await lockDirectory(live)
    const { code, text } = await play(['--yes'], { NECTO_DATA_DIR: live })
    await lock.release()
    expect(text).toContain(`A Necto runs over ${live}`)
    expect(code).toBe(75)
  })

  test('a Necto at the public address, and transactions that are not mined: the same', async () => {
    const fetch = async () => new Response('{"ok":true}')
    const other = await serveHttp({ name: 'Another Necto', fetch, port: 0, hostname: '127.0.0.1' })
    const { code, text } = await play(['--yes'], { PUBLIC_URL: other.url })
    await other.stop()
    expect(text).toContain(`A Necto runs at ${other.url}`)
    expect(code).toBe(75)

    const { escrow } = world
    await escrow.test.setIntervalMining({ interval: 0 })
    await escrow.wallet(accounts.agent).sendTransaction({ to: accounts.agent.address, value: 1n })
    const busy = await play(['--yes'])
    await escrow.test.setIntervalMining({ interval: 1 })
    await escrow.test.mine({ blocks: 1 })
    expect(busy.text).toContain('✗ The agent: it has transactions under way')
    expect(busy.code).toBe(75)
  })
})

describe('it cannot be finished', () => {
  test('0G takes the decision and never has it: the deposit comes back, and the store is kept', async () => {
    world.zeroG.faults.neverFinalize = true
    const before = await payerHolds()
    const { code, text } = await play(['--yes', '--wait', '15'])
    expect(text).toContain('Your deposit is safe')
    expect(text).toContain('✗ Waited 15 s in vain for the decision to be stored on 0G.')
    expect(text).toMatch(/✓ The deposit is back\n +tx 0x[0-9a-f]{64}\n/)
    expect(text).toContain('All 0.15 USDC went back to the payer; nothing was charged.')
    expect(code).toBe(75)
    expect(await payerHolds()).toBe(before)
    const [left = ''] = await kept()
    expect(text).toContain(`Kept for looking into it: ${path.join(temporary, left)}`)
    await rm(path.join(temporary, left), { recursive: true })
  })

  test('Ctrl-C with money in escrow: says where it is, and gets it back', async () => {
    world.zeroG.faults.neverFinalize = true
    const before = await payerHolds()
    const running = smoke(['--yes'])
    await running.printed('0.15 USDC in escrow')
    expect(await running.stop()).toBe(130)
    expect(running.output()).toContain('The deposit of 0.15 USDC is safe in escrow. From ')
    expect(running.output()).toContain('All 0.15 USDC went back to the payer; nothing was charged.')
    expect(await payerHolds()).toBe(before)
  })
})
