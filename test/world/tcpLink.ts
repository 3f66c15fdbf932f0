// A link to a server on loopback that can be cut: what is open breaks off, what is new is refused, until it is mended.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpLink {
  readonly url: string
  cut(): Promise<void>
  mend(): Promise<void>
}

/** Listens on a port of its own, the same one after every cut. */
export async function startTcpLink(targetUrl: string): Promise<TcpLink> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
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
    mend: () => listen(port),
  }
}
