// The gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME, and the close codes a client meets when it errs.
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../../../core/clock.ts'
import { isObject, type Json } from '../json.ts'
import { createSession, type Session, sendPayload } from './session.ts'

const op = { heartbeat: 1, identify: 2, presence: 3, resume: 6, reconnect: 7, invalid: 9, hello: 10, ack: 11 } as const
const SENDS_PER_MINUTE = 120
/** GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT: granted by application, and to this bot not. */
const PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15)

export const GUILDS_INTENT = 1

export interface Gateway {
  /** Sends an event to every session that asked for its intent; 0 = everybody gets it. */
  dispatch(name: string, data: unknown, intent: number): void
  /** Closes every socket; clients resume their sessions. 4000 unless told otherwise. */
  drop(code?: number): void
  /** Tells clients to reconnect and resume (op 7). */
  askToReconnect(): void
  /** Tells clients that their session is invalid (op 9); the ones not resumable are forgotten. */
  invalidate(options: { resumable: boolean }): void
  /** Sockets with a session now. */
  connections(): number
  identifies(): number
  listen(server: Server, url: string): void
  stop(): void
}

interface GatewayOptions {
  readonly clock: Clock
  readonly token: string
  readonly heartbeatIntervalMs: number
  /** READY without the session's own fields, and what follows it for these intents. */
  onIdentify(intents: number): { ready: Json; events: readonly { name: string; data: unknown }[] }
}

/** A gateway without sessions. */
export function createGateway(options: GatewayOptions): Gateway {
  const { clock, token, heartbeatIntervalMs, onIdentify } = options
  const sessions = new Map<string, Session>()
  const stopping = new AbortController()
  let server: WebSocketServer | undefined
  let gatewayUrl = ''
  let identified = 0

  const live = () => [...sessions.values()].filter((session) => session.socket()?.readyState === WebSocket.OPEN)

  function greet(socket: WebSocket) {
    let session: Session | undefined
    let beats = 0
    let sentAt: number[] = []
    const isAuthenticated = () => session?.socket() === socket
    sendPayload(socket, { op: op.hello, d: { heartbeat_interval: heartbeatIntervalMs, _trace: [] } })
    watchHeartbeat()

    function watchHeartbeat() {
      const seen = ++beats
      const late = () => beats === seen && socket.close(4009, 'Session timed out')
      clock.sleep(heartbeatIntervalMs * 1.5, stopping.signal).then(late, () => undefined)
    }

    function identify({ token: given, intents }: Json) {
      if (isAuthenticated()) return socket.close(4005, 'Already authenticated.')
      if (given !== token) return socket.close(4004, 'Authentication failed.')
      if ((Number(intents) & PRIVILEGED_INTENTS) !== 0) return socket.close(4014, 'Disallowed intent(s).')
      session = createSession({ id: randomBytes(16).toString('hex'), intents: Number(intents), socket })
      sessions.set(session.id, session)
      identified += 1
      const { ready, events } = onIdentify(session.intents)
      session.dispatch('READY', { ...ready, session_id: session.id, resume_gateway_url: gatewayUrl })
      for (const { name, data } of events) session.dispatch(name, data)
    }

    function resume({ token: given, session_id, seq }: Json) {
      if (isAuthenticated()) return socket.close(4005, 'Already authenticated.')
      if (given !== token) return socket.close(4004, 'Authentication failed.')
      const known = sessions.get(String(session_id))
      if (!known) return sendPayload(socket, { op: op.invalid, d: false })
      if (!known.resume(socket, Number(seq))) return socket.close(4007, 'Invalid seq.')
      session = known
    }

    socket.on('message', (bytes) => {
      sentAt = [...sentAt.filter((atMs) => atMs > clock.now() - 60_000), clock.now()]
      if (sentAt.length > SENDS_PER_MINUTE) return socket.close(4008, 'Rate limited.')
      const payload = parse(bytes)
      if (!payload) return socket.close(4002, 'Error while decoding payload.')
      const d = isObject(payload.d) ? payload.d : {}
      if (payload.op === op.heartbeat) {
        watchHeartbeat()
        return sendPayload(socket, { op: op.ack })
      }
      if (payload.op === op.identify) return identify(d)
      if (payload.op === op.resume) return resume(d)
      if (!isAuthenticated()) return socket.close(4003, 'Not authenticated.')
      if (payload.op !== op.presence) return socket.close(4001, 'Unknown opcode.')
    })
    socket.on('close', (code) => {
      beats += 1
      session?.detach(socket)
      // A client that says goodbye does not come back for its session.
      if (session && (code === 1000 || code === 1001)) sessions.delete(session.id)
    })
    socket.on('error', () => socket.terminate())
  }

  return {
    dispatch(name, data, intent) {
      for (const session of sessions.values())
        if (intent === 0 || (session.intents & intent) !== 0) session.dispatch(name, data)
    },
    drop(code = 4000) {
      for (const session of live()) session.socket()?.close(code, 'Unknown error.')
    },
    askToReconnect() {
      for (const session of live()) tell(session, { op: op.reconnect, d: null })
    },
    invalidate({ resumable }) {
      for (const session of live()) {
        const socket = session.socket()
        tell(session, { op: op.invalid, d: resumable })
        if (socket) session.detach(socket)
        if (!resumable) sessions.delete(session.id)
      }
    },
    connections: () => live().length,
    identifies: () => identified,
    listen(http, url) {
      gatewayUrl = url
      server = new WebSocketServer({ server: http })
      server.on('connection', greet)
    },
    stop() {
      stopping.abort()
      for (const socket of server?.clients ?? []) socket.terminate()
      server?.close()
    },
  }
}

function tell(session: Session, payload: Json) {
  const socket = session.socket()
  if (socket) sendPayload(socket, payload)
}

function parse(bytes: Buffer): Json | undefined {
  try {
    const payload: unknown = JSON.parse(bytes.toString('utf8'))
    return isObject(payload) ? payload : undefined
  } catch {
    return undefined
  }
}
