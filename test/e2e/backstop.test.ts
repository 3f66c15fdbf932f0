// The keeper gone for good, end to end: a second process alone gives the deposit back, killed on its way and sending once.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type RunningProcess, startProcess } from '../world/childProcess.ts'
import { startTcpLink, type TcpLink } from '../world/tcpLink.ts'
import { createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

const GRACE_SECONDS = 600
const stored = z.object({ value: z.object({ state: z.string().optional() }) })

let stage: Stage
let indexer: TcpLink
beforeAll(async () => {
  stage = await openStage({ seed: 'backstop' })
  indexer = await startTcpLink(stage.world.zeroG.url)
  // Without its record on 0G no job starts, so the deposit lies there for as long as it takes.
  await indexer.cut()
  await stage.startNecto({ STORAGE_INDEXER_URL: indexer.url })
  await stage.openShop()
})
afterAll(async () => {
  await stage.close()
  await indexer.cut()
})

test('funded, then the keeper is killed: the backstop waits, is killed at every turn, and refunds once', async () => {
  const { escrow } = stage.world
  const wallet = await stage.wallet(50n)
  const before = await stage.holds(wallet)
  const buyer = createBuyer(stage, { id: 9700, firstName: 'Ida' })
  const { ref } = await buyer.ask('h100 x1 1h max 3 run true')
  await buyer.pay(await buyer.order(ref), wallet, { waitMs: 0 })
  const { terms } = await until(`${ref} to be funded`, async () => {
    const job = await stage.jobOf(ref)
    return job?.state === 'funded' && job
  })
  await stage.killNecto()
  expect(await stage.holds(wallet)).toBeLessThan(before)

  const key = generatePrivateKey()
  const address = privateKeyToAddress(key)
  await escrow.test.setBalance({ address, value: 10n ** 18n })
  const folder = path.join(stage.dataDir, '..', 'backstop')
  const { ESCROW_CHAIN_ID = '', ROUTER_ADDRESS = '', USDC_ADDRESS = '' } = stage.world.env
  const env = {
    ...{ ESCROW_CHAIN_ID, ROUTER_ADDRESS, USDC_ADDRESS, ESCROW_POLL_MS: '50' },
    BACKSTOP_KEY: key,
    BACKSTOP_RPC_URLS: escrow.anvil.url,
    BACKSTOP_DATA_DIR: folder,
    BACKSTOP_GRACE_SECONDS: String(GRACE_SECONDS),
    BACKSTOP_JITTER_SECONDS: '0',
    BACKSTOP_POLL_SECONDS: '1',
  }
  const start = async (): Promise<RunningProcess> => {
    const running = startProcess({ args: ['keeper/backstop/main.ts'], env })
    stage.processes.push(running)
    await running.printed(`Backstop ${address} watches`)
    return running
  }
  /** What lies in one of its collections; a document may be replaced while this reads. */
  const documents = async (collection: string) => {
    const names = (await readdir(path.join(folder, collection)).catch(() => [])).filter((name) =>
      name.endsWith('.json'),
    )
    const texts = await Promise.all(names.map((name) => readFile(path.join(folder, collection, name), 'utf8')))
    return texts.map((text) => stored.parse(JSON.parse(text)).value)
  }
  const sent = () => escrow.client.getTransactionCount({ address })

  let backstop = await start()
  await escrow.passSeconds(Number((terms?.startBy ?? 0n) - (await escrow.nowSeconds())) + 1)
  await until('the backstop to see it due', async () => (await documents('dues')).length === 1)
  expect(await sent()).toBe(0)
  await backstop.kill()
  // Its wait goes on where it was: it is over although no life of the process lasted as long.
  backstop = await start()
  await escrow.test.setIntervalMining({ interval: 0 })
  await escrow.passSeconds(GRACE_SECONDS + 1)
  await until('the refund to be sent', async () => (await documents('intents')).some(({ state }) => state === 'sent'))
  await backstop.kill()
  backstop = await start()
  await escrow.test.setIntervalMining({ interval: 1 })
  await backstop.printed('deposits went back')
  expect(await stage.holds(wallet)).toBe(before)
  expect((await stage.eventsOf(ref)).map(({ name }) => name)).toEqual(['JobFunded', 'JobRefunded'])
  expect(await sent()).toBe(1)
  expect(await documents('intents')).toHaveLength(1)

  // A keeper that comes back after all follows what happened.
  await stage.startNecto({ STORAGE_INDEXER_URL: indexer.url })
  await until(`${ref} to be refunded`, async () => (await stage.jobOf(ref))?.state === 'refunded')
  await buyer.shows(ref, 'Refunded: ')
  expect(stage.processes.at(-1)?.output()).not.toContain('refund refused')
  expect(await backstop.stop()).toBe(0)
})
