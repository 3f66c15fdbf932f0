// A link to a server on loopback that can be cut: what is open breaks off, what is new is refused, until it is mended.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpLink {
  readonly url: string
  cut(): Promise<void>
  /** From now on nothing passes: what is sent is taken, and never answered. Until a cut and a mend. */
  hang(): void
  /** Resolves when somebody sends something over a link that hangs. */
  kept(): Promise<void>
  mend(): Promise<void>
}

/** Listens on a port of its own, the same one after every cut. */
export async function startTcpLink(targetUrl: string): Promise<TcpLink> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let isHanging = false
  let tellKept = () => {}
  const kept = new Promise<void>((resolve) => {
    tellKept = resolve
  })
  const server = createServer((near) => {
    if (isHanging) {
      sockets.add(near)
      near.on('error', () => undefined)
      near.once('close', () => sockets.delete(near))
      near.once('data', tellKept)
      return
    }
    const far = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.once('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.on('error', () => undefined)
      one.pipe(other)
    }
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    hang() {
      isHanging = true
      // Those of before go, so that what comes next comes over the link that hangs.
      for (const socket of sockets) socket.destroy()
    },
    kept: () => kept,
    async mend() {
      isHanging = false
      await listen(port)
    },
  }
}
