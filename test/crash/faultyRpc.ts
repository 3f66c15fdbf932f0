// An RPC endpoint before a real node that lies about what it does with transactions, or about the nonce, when the test says so.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeFunctionData, type Hex, keccak256, parseTransaction } from 'viem'
import { z } from 'zod'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'

/** What becomes of one delivery of signed bytes, or of any call. */
export const FAULTS = [
  'refuses',
  'takes it and answers 502',
  'takes it and never answers',
  'takes it and says already known',
  'takes it and says nonce too low',
  'answers and drops it',
] as const
export type Fault = (typeof FAULTS)[number] | 'answers an old nonce'

const callSchema = z.object({ id: z.unknown(), method: z.string(), params: z.array(z.unknown()).default([]) })
type Call = z.output<typeof callSchema>

/** The verb of the router that signed bytes call. */
export function verbOf(raw: Hex): string {
  const { data = '0x' } = parseTransaction(raw)
  try {
    return decodeFunctionData({ abi: computeRouterAbi, data }).functionName
  } catch {
    return 'other'
  }
}

/** `decide` is asked for each call, with the verb and how often these bytes came before when it is a transaction. */
export async function startFaultyRpc(options: {
  targetUrl: string
  decide(call: { method: string; verb?: string; before?: number }): Fault | undefined
}) {
  const { targetUrl, decide } = options
  const seen = new Map<Hex, number>()
  /** How often which fault befell which verb or method. */
  const hits = new Map<string, number>()
  const headers = { 'content-type': 'application/json' }

  async function pass(body: string): Promise<string> {
    return (await fetch(targetUrl, { method: 'POST', body, headers })).text()
  }

  function faultOf({ method, params }: Call): Fault | undefined {
    if (method !== 'eth_sendRawTransaction') return decide({ method })
    const raw = params[0] as Hex
    const hash = keccak256(raw)
    const before = seen.get(hash) ?? 0
    seen.set(hash, before + 1)
    const verb = verbOf(raw)
    const fault = decide({ method, verb, before })
    if (fault) hits.set(`${verb} ${fault}`, (hits.get(`${verb} ${fault}`) ?? 0) + 1)
    return fault
  }

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString()
    const call = callSchema.parse(JSON.parse(body))
    const say = (more: object) =>
      response.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...more }))
    switch (faultOf(call)) {
      case 'refuses':
        return response.writeHead(503).end()
      case 'takes it and answers 502':
        await pass(body)
        return response.writeHead(502).end('bad gateway')
      case 'takes it and never answers':
        await pass(body)
        return
      case 'takes it and says already known':
        await pass(body)
        return say({ error: { code: -32_000, message: 'already known' } })
      case 'takes it and says nonce too low':
        await pass(body)
        return say({ error: { code: -32_000, message: 'nonce too low: next nonce 7, tx nonce 6' } })
      case 'answers and drops it':
        return say({ result: keccak256(call.params[0] as Hex) })
      case 'answers an old nonce': {
        const { result } = z.object({ result: z.string() }).parse(JSON.parse(await pass(body)))
        const old = Math.max(0, Number(result) - 1 - (seen.size % 3))
        return say({ result: `0x${old.toString(16)}` })
      }
      default:
        response.writeHead(200, headers).end(await pass(body))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}
