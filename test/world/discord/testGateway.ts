// A bare gateway client, for tests that look at the protocol itself or answer interactions by hand.
import { WebSocket } from 'ws'
import type { Discord } from './startDiscord.ts'

interface Payload {
  readonly op: number
  readonly t?: string
  readonly s?: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  readonly d: any
}

/** Connects without identifying. */
export async function openSocket({ gatewayUrl }: Pick<Discord, 'gatewayUrl'>) {
  const socket = new WebSocket(`${gatewayUrl}?v=10&encoding=json`)
  const payloads: Payload[] = []
  const waiting = new Set<() => void>()
  let taken = 0
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  socket.on('message', (data) => {
    payloads.push(JSON.parse(data.toString()) as Payload)
    for (const wake of [...waiting]) wake()
  })
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.on('open', resolve))
  return {
    payloads,
    /** The code the server closes with. */
    closed,
    send: (payload: unknown) => socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    close: (code?: number) => socket.close(code),
    /** The next payload that was not taken yet. */
    async next(): Promise<Payload> {
      for (;;) {
        const payload = payloads[taken]
        if (payload) {
          taken += 1
          return payload
        }
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake)
            resolve()
          }
          waiting.add(wake)
        })
      }
    },
  }
}

/** Connects and identifies; `next` gives what follows READY, guilds included. */
export async function identify(discord: Pick<Discord, 'gatewayUrl' | 'token'>, { intents = 0 } = {}) {
  const socket = await openSocket(discord)
  await socket.next()
  socket.send({ op: 2, d: { token: discord.token, intents, properties: {} } })
  const { d: ready } = await socket.next()
  return { ...socket, ready }
}
