// A port for a server that is started later, and started again: one that nothing else takes meanwhile.
import { createServer } from 'node:net'

// Below the range that systems give to outgoing connections and to servers without a wish, so that only others who
// call this could take it before its server binds it.
const FROM = 20_000
const TO = 32_000

/** A port on loopback that is free now. */
export async function reservePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
