// Reading the chain's open bids: which host, which version, which pages, and when it is enough.
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { createLcd } from './lcd.ts'
import { startTestAkash } from './testAkash.ts'
import { bidRow, HEIGHT } from './testBids.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function start(bids: readonly unknown[] = [bidRow()]) {
  const server = await startTestAkash({ nowMs, bids })
  closers.push(server.stop)
  const clock = createManualClock(nowMs)
  const lcd = createLcd({ urls: server.hosts, clock })
  return { ...server, clock, lcd, read: (signal = new AbortController().signal) => lcd.openBids(signal) }
}
const rows = (count: number) => Array.from({ length: count }, (_, index) => bidRow({ provider: `akash1${index}` }))
const hostsAsked = (requests: readonly string[]) => [...new Set(requests.map((request) => request.split(' ')[0]))]

describe('PROV-01 the hosts of the chain', () => {
  test('the height is the chain’s, the rows are raw', async () => {
    const { read } = await start()
    expect(await read()).toMatchObject({ height: HEIGHT, rows: [bidRow()], observedAtMs: nowMs })
  })

  test('the one that answered last is asked first, without the one that did not', async () => {
    const { read, setHost, requests } = await start()
    setHost('one', { out: 500 })
    await read()
    expect(hostsAsked(requests())).toEqual(['one', 'two'])
    const before = requests().length
    await read()
    expect(hostsAsked(requests().slice(before))).toEqual(['two'])
    setHost('one', {})
    setHost('two', { out: 500 })
    expect(await read()).toMatchObject({ height: HEIGHT })
  })

  test('one that is behind the chain has old bids only, and is passed over', async () => {
    const { read, setHost, requests } = await start()
    setHost('one', { blockTimeMs: nowMs - 6 * 60_000 })
    expect((await read()).rows).toHaveLength(1)
    expect(hostsAsked(requests())).toEqual(['one', 'two'])
    setHost('two', { blockTimeMs: nowMs - 86_400_000 })
    await expect(read()).rejects.toMatchObject({ code: 'akash.bids', retry: 'later' })
  })

  test('a silent one costs a second', async () => {
    const { read, setHost, reached, requests, clock } = await start()
    setHost('one', { out: 'silent' })
    const result = read()
    await reached()
    await clock.tick(999)
    expect(hostsAsked(requests())).toEqual(['one'])
    await clock.tick(1)
    expect((await result).rows).toHaveLength(1)
    expect(clock.now()).toBe(nowMs + 1_000)
  })

  test('five seconds are enough for all of them', async () => {
    const { hosts, setHost, requests, nextRequest, clock } = await start()
    setHost('one', { out: 'silent' })
    const urls = Array.from({ length: 8 }, (_, index) => `${hosts[0]}${index}`)
    const result = createLcd({ urls, clock }).openBids(new AbortController().signal)
    result.catch(() => undefined)
    for (let asked = 1; asked <= 5; asked++) {
      while (requests().length < asked) await nextRequest()
      await clock.tick(1_000)
    }
    await expect(result).rejects.toMatchObject({ code: 'akash.bids' })
    expect(requests()).toHaveLength(5)
  })

  test('what all of them said is told to operators', async () => {
    const { read, setHost } = await start()
    setHost('one', { out: 404 })
    setHost('two', { versions: [] })
    const failure = await read().catch((error) => error)
    expect(failure.details).toMatch(/\/one: It answered with an error \(404\).*\/two: It does not serve the market/)
  })

  test('none at all is an answer that says so', async () => {
    const none = createLcd({ urls: [], clock: createManualClock(nowMs) })
    await expect(none.openBids(new AbortController().signal)).rejects.toMatchObject({ code: 'akash.bids' })
  })

  test('a stopped reading does not go on to the next host', async () => {
    const { read, setFault, reached, requests } = await start()
    setFault('slow')
    const stop = new AbortController()
    const result = read(stop.signal)
    result.catch(() => undefined)
    await reached()
    const reason = new NectoError('test.enough', 'enough')
    stop.abort(reason)
    await expect(result).rejects.toBe(reason)
    expect(hostsAsked(requests())).toEqual(['one'])
  })
})

describe('PROV-01 pages of bids', () => {
  test('a chain that gives no keys is read by offset', async () => {
    const { read, setHost, requests } = await start(rows(1_200))
    setHost('one', { offsetsOnly: true })
    const bids = await read()
    expect(bids.rows).toEqual(rows(1_200))
    expect(bids.cut).toBeUndefined()
    expect(requests().at(-1)).toContain('pagination.limit=500&pagination.offset=1000')
  })

  test('six pages are the most, and it says that there were more', async () => {
    const { read, requests } = await start(rows(3_001))
    expect(await read()).toMatchObject({ cut: 'only the first 3000 were read' })
    expect(requests()).toHaveLength(7)
    const whole = await start(rows(3_000))
    expect((await whole.read()).cut).toBeUndefined()
  })

  test('pages that were read count when a later one fails', async () => {
    const { read, setHost } = await start(rows(9))
    setHost('one', { pageSize: 4, failsFromPage: 3 })
    const bids = await read()
    expect(bids.rows).toEqual(rows(8))
    expect(bids.cut).toBe('only the first 8 were read: It answered with an error (502).')
  })
})
