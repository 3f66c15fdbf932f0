// Told to stop while discord.js is still connecting: nothing is left open, and nothing connects afterwards.
import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createGateway } from './gateway.ts'

/** A Discord that is slow: what it does not answer by itself, the tests do. */
let discord: Awaited<ReturnType<typeof slowDiscord>>
beforeEach(async () => {
  discord = await slowDiscord()
})
afterEach(() => discord.stop())

test('while the socket is being opened: it is closed, and not opened anew', async () => {
  const gateway = discord.connect()
  const started = gateway.start()
  discord.tellGateway(await discord.asked())
  const socket = await discord.socket()
  const closed = new Promise((resolve) => socket.once('end', resolve))
  await gateway.stop()
  await started
  await closed
  expect(gateway.self).toBeUndefined()
})

test('while it asks where the gateway is: an answer that comes later opens no socket', async () => {
  const gateway = discord.connect()
  const started = gateway.start()
  const late = await discord.asked()
  await gateway.stop()
  await started
  discord.tellGateway(late)
  // Whoever comes next is the first there.
  const next = discord.connect()
  const nextStarted = next.start()
  discord.tellGateway(await discord.asked())
  await discord.socket()
  await next.stop()
  await nextStarted
  expect(discord.sockets).toHaveLength(1)
})

test('a socket that breaks while the bot stops is nobody’s error', async () => {
  const gateway = discord.connect()
  const started = gateway.start()
  discord.tellGateway(await discord.asked())
  const socket = await discord.socket()
  const ended = gateway.stop()
  socket.destroy()
  await Promise.all([ended, started])
})

async function slowDiscord() {
  const sockets: Socket[] = []
  const questions: ServerResponse[] = []
  const server = createServer((request, response) => {
    request.resume()
    questions.push(response)
    server.emit('asked')
  })
  server.on('upgrade', (_request, socket: Socket) => {
    socket.on('error', () => {}).resume()
    sockets.push(socket)
    server.emit('opened')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`

  /** The next of them, which may be there already. */
  async function next<T>(list: T[], event: string, take: (list: T[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = take(list)
      if (found !== undefined) return found
      await new Promise((resolve) => server.once(event, resolve))
    }
  }

  return {
    sockets,
    connect: () =>
      createGateway({
        token: 'MTE5.a.token',
        apiRoot: `http://${host}/api`,
        clock: systemClock,
        log: silentLog,
        onInteraction() {},
      }),
    asked: () => next(questions, 'asked', (list) => list.shift()),
    socket: () => next(sockets, 'opened', (list) => list.at(-1)),
    tellGateway(response: ServerResponse) {
      const limit = { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 }
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ url: `ws://${host}`, shards: 1, session_start_limit: limit }))
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
