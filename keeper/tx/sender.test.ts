// The sender against a real node: exactly one transaction, whatever the network does.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keccak256, parseGwei, parseTransaction } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '../../core/log.ts'
import { startAnvil } from '../../test/world/chain/anvil.ts'
import { eventually, openTestChain, openTestSender, TEST_CHAIN_ID, type TestChain } from './testChain.ts'

let anvil: Awaited<ReturnType<typeof startAnvil>>
let chain: TestChain
let key = 1

beforeAll(async () => {
  anvil = await startAnvil({ chainId: TEST_CHAIN_ID })
  chain = await openTestChain(anvil.url)
})
afterAll(() => anvil.stop())

describe('sending', () => {
  test('a wish becomes one final transaction whose bytes were stored first', async () => {
    const sender = await openTestSender(chain)
    await sender.mark('job:start', ++key)
    await sender.runUntil(sender.isIdle)

    const intent = await sender.read('job:start')
    expect(intent).toMatchObject({ state: 'final', nonce: 0, mined: { status: 'success' } })
    expect(intent.versions).toHaveLength(1)
    expect(keccak256(intent.versions[0]?.raw ?? '0x')).toBe(intent.mined?.hash)
    expect(await chain.isMarked(key)).toBe(true)
    expect(await chain.nonceOf(sender.account.address)).toBe(1)
  })

  test('a running sender takes up a new wish at once, and several get nonces in a row', async () => {
    const sender = await openTestSender(chain, { pollMs: 20 })
    const stop = new AbortController()
    const running = sender.run(stop.signal)
    for (const id of ['a', 'b', 'c']) await sender.mark(id, ++key)
    await eventually(sender.isIdle)
    stop.abort()
    await running
    const nonces = await Promise.all(['a', 'b', 'c'].map(async (id) => (await sender.read(id)).nonce))
    expect(nonces.sort()).toEqual([0, 1, 2])
  })

  test('the same wish twice is one; another call under its id is refused', async () => {
    const sender = await openTestSender(chain)
    await sender.mark('once', ++key)
    await sender.mark('once', key)
    await expect(sender.mark('once', key + 1000)).rejects.toMatchObject({ code: 'tx.id-reused' })
    await sender.runUntil(sender.isIdle)
    expect(await chain.nonceOf(sender.account.address)).toBe(1)
  })

  test('starts from the chain when the store is new', async () => {
    const account = await chain.account()
    const first = await openTestSender(chain, { account })
    await first.mark('x', ++key)
    await first.runUntil(first.isIdle)
    const second = await openTestSender(chain, { account })
    await second.mark('y', ++key)
    await second.runUntil(second.isIdle)
    expect(await second.read('y')).toMatchObject({ state: 'final', nonce: 1 })
  })

  test('an endpoint of another chain stops everything', async () => {
    const sender = await openTestSender(chain, { chainId: 1 })
    await sender.mark('z', ++key)
    await expect(sender.step()).rejects.toMatchObject({ code: 'tx.wrong-chain' })
    expect((await sender.read('z')).state).toBe('planned')
  })

  test('gas above the cap: nothing is signed until it falls', async () => {
    const sender = await openTestSender(chain, { feeCapWei: parseGwei('3') })
    await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('20') })
    await chain.client.mine({ blocks: 1 })
    await sender.mark('dear', ++key)
    await sender.step()
    expect(await sender.read('dear')).toMatchObject({ state: 'planned', versions: [] })
    await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('1') })
    await chain.client.mine({ blocks: 1 })
    await sender.runUntil(sender.isIdle)
    expect((await sender.read('dear')).state).toBe('final')
  })
})

describe('refusals', () => {
  test('a call that would revert fails with its error name and spends no nonce', async () => {
    const sender = await openTestSender(chain)
    await sender.mark('first', ++key)
    await sender.runUntil(sender.isIdle)
    await sender.mark('again', key)
    await sender.runUntil(sender.isIdle)
    const intent = await sender.read('again')
    expect(intent).toMatchObject({ state: 'failed', failure: { code: 'AlreadyDone' }, versions: [] })
    expect(intent.nonce).toBeUndefined()
    expect(await chain.nonceOf(sender.account.address)).toBe(1)
  })

  test('a call that reverts in its block fails at depth with its error name', async () => {
    const sender = await openTestSender(chain, { confirmations: 2 })
    await withoutMining(async () => {
      await sender.mark('one', ++key, 100_000n)
      await sender.mark('two', key, 100_000n)
      await sender.runUntil(async () => (await sender.read('two')).state === 'sent')
      await chain.client.mine({ blocks: 1 })
      await sender.runUntil(async () => (await sender.read('two')).state === 'mined')
      expect(await sender.read('two')).toMatchObject({ mined: { status: 'reverted' } })
      await chain.client.mine({ blocks: 1 })
      await sender.runUntil(sender.isIdle)
    })
    const states = [await sender.read('one'), await sender.read('two')]
    expect(states.map((intent) => intent.state).sort()).toEqual(['failed', 'final'])
    expect(states.find((intent) => intent.state === 'failed')?.failure?.code).toBe('AlreadyDone')
  })

  test('an empty wallet waits, and goes on when it is filled', async () => {
    const account = await chain.account()
    await chain.client.setBalance({ address: account.address, value: 0n })
    const sender = await openTestSender(chain, { account })
    await sender.mark('poor', ++key)
    await sender.step()
    expect(['planned', 'signed']).toContain((await sender.read('poor')).state)
    await chain.client.setBalance({ address: account.address, value: 10n ** 18n })
    await sender.runUntil(sender.isIdle)
    expect(await sender.read('poor')).toMatchObject({ state: 'final', nonce: 0 })
  })
})

describe('what a network does', () => {
  test('final only at depth, and a reorg sends the same bytes again', async () => {
    const sender = await openTestSender(chain, { confirmations: 4 })
    await sender.mark('reorged', ++key)
    await sender.runUntil(async () => (await sender.read('reorged')).state === 'mined')
    const before = await sender.read('reorged')

    await withoutMining(async () => {
      await chain.client.request({ method: 'anvil_reorg', params: [1, []] } as never)
      await sender.runUntil(async () => (await sender.read('reorged')).state === 'sent')
      expect(await chain.isMarked(key)).toBe(false)
      await chain.client.mine({ blocks: 1 })
      await sender.runUntil(async () => (await sender.read('reorged')).state === 'mined')
      await chain.client.mine({ blocks: 2 })
      await sender.step()
      expect((await sender.read('reorged')).state).toBe('mined')
      await chain.client.mine({ blocks: 1 })
      await sender.runUntil(sender.isIdle)
    })

    const after = await sender.read('reorged')
    expect(after.state).toBe('final')
    expect(after.versions).toEqual(before.versions)
    expect(after.mined?.blockHash).not.toBe(before.mined?.blockHash)
    expect(await chain.isMarked(key)).toBe(true)
    expect(await chain.nonceOf(sender.account.address)).toBe(1)
  })

  test('bytes that the nodes forgot are offered again', async () => {
    const sender = await openTestSender(chain)
    await withoutMining(async () => {
      await sender.mark('dropped', ++key)
      await sender.runUntil(async () => (await sender.read('dropped')).state === 'sent')
      const hash = (await sender.read('dropped')).versions[0]?.hash ?? '0x'
      await chain.client.dropTransaction({ hash })
      await expect(chain.client.getTransaction({ hash })).rejects.toThrow()
      await sender.runUntil(() => chain.client.getTransaction({ hash }).then(Boolean, () => false))
    })
    await chain.client.mine({ blocks: 1 })
    await sender.runUntil(sender.isIdle)
    expect((await sender.read('dropped')).versions).toHaveLength(1)
    expect(await chain.isMarked(key)).toBe(true)
  })

  test('one that waits too long bids more at the same nonce for the same call, and only so often', async () => {
    const sender = await openTestSender(chain, { bumpEveryMs: 50, resendEveryMs: 50, maxBumps: 2 })
    await withoutMining(async () => {
      await sender.mark('stuck', ++key)
      await sender.runUntil(async () => (await sender.read('stuck')).versions.length === 3)
      for (let round = 0; round < 5; round++) {
        await new Promise((resolve) => setTimeout(resolve, 60))
        await sender.step()
      }
    })
    const { versions } = await sender.read('stuck')
    expect(versions).toHaveLength(3)
    const calls = versions.map((version) => parseTransaction(version.raw))
    expect(new Set(calls.map((call) => `${call.nonce} ${call.to} ${call.data} ${call.gas}`)).size).toBe(1)
    for (const [i, version] of versions.slice(1).entries()) {
      expect(version.maxFeePerGas * 100n).toBeGreaterThanOrEqual((versions[i]?.maxFeePerGas ?? 0n) * 115n)
    }
    await chain.client.mine({ blocks: 1 })
    await sender.runUntil(sender.isIdle)
    expect((await sender.read('stuck')).state).toBe('final')
    expect(await chain.nonceOf(sender.account.address)).toBe(1)
  })

  test('a nonce that somebody else used is given up only at depth, and the call gets another', async () => {
    const troubles: string[] = []
    const sender = await openTestSender(chain, { confirmations: 3, onTrouble: (what) => troubles.push(what) })
    await withoutMining(async () => {
      await sender.mark('taken', ++key)
      await sender.runUntil(async () => (await sender.read('taken')).state === 'sent')
      const { versions } = await sender.read('taken')
      await chain.client.dropTransaction({ hash: versions[0]?.hash ?? '0x' })
      const foreign = await sender.account.signTransaction({
        type: 'eip1559',
        chainId: TEST_CHAIN_ID,
        nonce: 0,
        to: sender.account.address,
        gas: 21_000n,
        maxFeePerGas: parseGwei('90'),
        maxPriorityFeePerGas: parseGwei('90'),
      })
      await chain.client.sendRawTransaction({ serializedTransaction: foreign })
      await chain.client.mine({ blocks: 1 })
      await sender.step()
      expect((await sender.read('taken')).nonce).toBe(0)
      await chain.client.mine({ blocks: 2 })
      await sender.runUntil(async () => (await sender.read('taken')).nonce === 1)
    })
    await chain.client.mine({ blocks: 3 })
    await sender.runUntil(sender.isIdle)
    expect(await sender.read('taken')).toMatchObject({ state: 'final', nonce: 1 })
    expect(await chain.nonceOf(sender.account.address)).toBe(2)
    expect(troubles).toEqual(['noncesTaken'])
  })

  test('an endpoint that takes the bytes and answers 502 gets no second transaction', async () => {
    const proxy = await startProxy((method) => (method === 'eth_sendRawTransaction' ? 'lose-answer' : 'pass'))
    const sender = await openTestSender(chain, { urls: [proxy.url] })
    await sender.mark('bad-gateway', ++key)
    await sender.runUntil(sender.isIdle)
    await proxy.stop()
    expect(await sender.read('bad-gateway')).toMatchObject({ state: 'final', nonce: 0 })
    expect((await sender.read('bad-gateway')).versions).toHaveLength(1)
    expect(await chain.nonceOf(sender.account.address)).toBe(1)
  })

  test('no log line holds an endpoint’s address or signed bytes', async () => {
    const lines: string[] = []
    const note = (fields: object) => void lines.push(JSON.stringify(fields))
    const log: Log = { info: note, warn: note, error: note, child: () => log }
    let isUp = true
    const proxy = await startProxy((method) => (isUp && method !== 'eth_sendRawTransaction' ? 'pass' : 'refuse'))
    const sender = await openTestSender(chain, { urls: [`${proxy.url}/v2/secret-api-key`], log })
    await sender.mark('quiet', ++key)
    await sender.step()
    isUp = false
    await sender.step().catch(() => {})
    await sender.mark('quieter', ++key)
    const stop = new AbortController()
    const running = sender.run(stop.signal)
    await eventually(() => lines.length >= 3)
    stop.abort()
    await running
    await proxy.stop()
    const raw = (await sender.read('quiet')).versions[0]?.raw ?? 'none'
    expect(lines.join()).not.toContain('secret-api-key')
    expect(lines.join()).not.toContain(raw)
  })

  test('one endpoint of two down: it goes on; all down: it waits and resumes', async () => {
    let isUp = false
    const proxy = await startProxy(() => (isUp ? 'pass' : 'refuse'))
    const half = await openTestSender(chain, { urls: [proxy.url, chain.url] })
    await half.mark('half', ++key)
    await half.runUntil(half.isIdle)
    expect((await half.read('half')).state).toBe('final')

    const none = await openTestSender(chain, { urls: [proxy.url] })
    await none.mark('none', ++key)
    await none.step().catch(() => {})
    expect((await none.read('none')).state).toBe('planned')
    isUp = true
    await none.runUntil(none.isIdle)
    await proxy.stop()
    expect((await none.read('none')).state).toBe('final')
  })

  test('of two endpoints that disagree about the chain none is believed', async () => {
    const other = await startAnvil({ chainId: TEST_CHAIN_ID })
    const sender = await openTestSender(chain, { urls: [chain.url, other.url] })
    await (await openTestChain(other.url)).client.setBalance({ address: sender.account.address, value: 10n ** 19n })
    // Both chains hold the contract at the same address, but only ours will mine the transaction.
    const control = await openTestChain(other.url)
    await control.client.setAutomine(false)
    await sender.mark('split', ++key)
    await sender.runUntil(async () => (await sender.read('split')).state === 'sent')
    for (let round = 0; round < 3; round++) await sender.step()
    expect((await sender.read('split')).state).toBe('sent')
    await other.stop()
    await sender.runUntil(sender.isIdle)
    expect((await sender.read('split')).state).toBe('final')
  })
})

async function withoutMining(act: () => Promise<void>): Promise<void> {
  await chain.client.setAutomine(false)
  try {
    await act()
  } finally {
    await chain.client.setAutomine(true)
  }
}

/** An HTTP proxy before the node: passes calls on, refuses them, or passes them on and loses the answer. */
async function startProxy(decide: (method: string) => 'pass' | 'refuse' | 'lose-answer') {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString()
    const verdict = decide(JSON.parse(body).method)
    if (verdict === 'refuse') return response.writeHead(503).end()
    const answer = await fetch(chain.url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    const text = await answer.text()
    if (verdict === 'lose-answer') return response.writeHead(502).end('bad gateway')
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}
