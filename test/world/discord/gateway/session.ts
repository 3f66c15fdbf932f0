// One session of the gateway: numbered events, kept so that a client that comes back gets those it missed.
import { WebSocket } from 'ws'
import type { Json } from '../json.ts'

interface Event {
  readonly t: string
  readonly s: number
  readonly d: unknown
}

export interface Session {
  readonly id: string
  readonly intents: number
  /** Numbers an event, sends it if somebody listens, and keeps it. */
  dispatch(name: string, data: unknown): void
  /** Takes over a socket and sends what came after `seq`; false when the client claims to know the future. */
  resume(socket: WebSocket, seq: number): boolean
  socket(): WebSocket | undefined
  /** The socket is gone; events are kept. */
  detach(socket: WebSocket): void
}

/** A session on its first socket. */
export function createSession({ id, intents, socket }: { id: string; intents: number; socket: WebSocket }): Session {
  const events: Event[] = []
  let current: WebSocket | undefined = socket
  const send = (event: Event) => current && sendPayload(current, { op: 0, ...event })
  return {
    id,
    intents,
    dispatch(t, d) {
      // As it is now: what it describes may change before a replay.
      const event = { t, s: events.length + 1, d: JSON.parse(JSON.stringify(d)) as unknown }
      events.push(event)
      send(event)
    },
    resume(next, seq) {
      if (seq > events.length) return false
      current = next
      for (const event of events.slice(seq)) send(event)
      this.dispatch('RESUMED', { _trace: [] })
      return true
    },
    socket: () => current,
    detach(gone) {
      if (current === gone) current = undefined
    },
  }
}

/** Sends a payload if the socket still takes it. */
export function sendPayload(socket: WebSocket, payload: Json) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(payload))
}
