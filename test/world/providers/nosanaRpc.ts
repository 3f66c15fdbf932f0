// A Solana RPC that knows Nosana's jobs program: JSON-RPC over POST, the two calls that reading its markets takes.
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { decodeBase58 } from './base58.ts'
import { IDL_ADDRESS, idlAccount, JOBS_PROGRAM, jobAccount, marketAccount } from './nosanaAccounts.ts'
import { createNosanaState, NOSANA_MARKETS, type NosanaState } from './nosanaMarkets.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

/** Starts it on a free port. */
export async function startNosanaRpc(context: StandInContext): Promise<StandIn> {
  const { clock } = context
  const state = createNosanaState(context)
  const server = await startStandInServer({
    delayMs: context.delay('solana', [200, 500]),
    answer: (request, body) => answerRpc(request, body, state, clock.now()),
    busy: () => failed(429, null, 429, 'Too many requests for a specific RPC call'),
  })
  return { name: 'solana', server, env: { NOSANA_RPC_URL: server.url }, prices: () => ({}) }
}

const call = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
})
type Id = z.output<typeof call>['id'] | null

const reply = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
})
const succeeded = (id: Id, result: unknown) => reply(200, { jsonrpc: '2.0', result, id })
const failed = (status: number, id: Id, code: number, message: string) =>
  reply(status, { jsonrpc: '2.0', error: { code, message }, id })

function answerRpc(request: IncomingMessage, body: string, state: NosanaState, nowMs: number): Reply {
  if (request.method !== 'POST')
    return failed(405, null, -32_600, 'Used HTTP Method is not allowed. POST or OPTIONS is required')
  const { data } = call.safeParse(parsed(body))
  if (!data) return failed(200, null, -32_700, 'Parse error')
  if (data.method === 'getAccountInfo') return accountInfo(data.id, data.params, nowMs)
  if (data.method === 'getProgramAccounts') return programAccounts(data.id, data.params, state, nowMs)
  return failed(200, data.id, -32_601, 'Method not found')
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const address = z.string().refine((text) => {
  try {
    return decodeBase58(text).length === 32
  } catch {
    return false
  }
})
const inBase64 = {
  encoding: z.literal('base64'),
  commitment: z.enum(['processed', 'confirmed', 'finalized']).optional(),
}
const accountParams = z.tuple([address, z.object(inBase64)])
const programParams = z.tuple([
  address,
  z.object({
    ...inBase64,
    filters: z
      .array(
        z.object({
          memcmp: z.object({ offset: z.int(), bytes: z.string(), encoding: z.literal('base58').optional() }),
        }),
      )
      .default([]),
  }),
])

const account = (data: Buffer) => ({
  data: [data.toString('base64'), 'base64'],
  executable: false,
  lamports: 24_388_480,
  owner: JOBS_PROGRAM,
  // As JavaScript reads what nodes write, which is 2^64 - 1.
  rentEpoch: 1.8446744073709552e19,
  space: data.length,
})

function accountInfo(id: Id, params: readonly unknown[], nowMs: number): Reply {
  const { data } = accountParams.safeParse(params)
  if (!data) return failed(200, id, -32_602, 'Invalid params')
  const context = { apiVersion: '2.1.21', slot: Math.floor(nowMs / 400) }
  return succeeded(id, { context, value: data[0] === IDL_ADDRESS ? account(idlAccount()) : null })
}

function programAccounts(id: Id, params: readonly unknown[], state: NosanaState, nowMs: number): Reply {
  const { data } = programParams.safeParse(params)
  if (!data) return failed(200, id, -32_602, 'Invalid params')
  const [program, { filters }] = data
  const microNos = (usd: number) => BigInt(Math.round((usd / 3600 / state.nosUsd(nowMs)) * 1_000_000))
  const markets = NOSANA_MARKETS.map((market) => ({
    pubkey: market.address,
    data: marketAccount(market, state.waiting(market, nowMs), microNos(state.pay(market, nowMs) ?? 0)),
  }))
  const owned =
    program === JOBS_PROGRAM
      ? [{ pubkey: IDL_ADDRESS, data: idlAccount() }, { pubkey: JOBS_PROGRAM, data: jobAccount('a job') }, ...markets]
      : []
  const found = owned.filter(({ data: bytes }) =>
    filters.every(({ memcmp: { offset, bytes: wanted } }) => {
      const expected = decodeBase58(wanted)
      return bytes.subarray(offset, offset + expected.length).equals(expected)
    }),
  )
  return succeeded(
    id,
    found.map(({ pubkey, data: bytes }) => ({ pubkey, account: account(bytes) })),
  )
}
