// Accounts of Nosana's jobs program as they lie on Solana: Anchor's discriminators, Borsh, and the program's IDL.
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { decodeBase58 } from './base58.ts'
import type { NosanaMarket } from './nosanaMarkets.ts'

export const JOBS_PROGRAM = 'nosJhNRqr2bc9g1nfGDcXXTXvYUmxD4cVwy2pMWhrYM'
/** Where Anchor keeps the IDL of that program: createWithSeed(PDA of no seeds, "anchor:idl", program). */
export const IDL_ADDRESS = 'FzNGzex94JUVESW6kZGF8WDPH8mwSGLWPr4PewYJ3PVG'

const discriminator = (account: string) => createHash('sha256').update(`account:${account}`).digest().subarray(0, 8)
const key = (...words: readonly (string | number)[]) => createHash('sha256').update(words.join('/')).digest()

function unsigned(value: bigint, bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 255n)))
}

// Room for a hundred in the queue, whatever its length.
const MARKET_BYTES = 8 + 168 + 100 * 32

/** The fields of programs/nosana-jobs/src/state.rs, in their order. Below zero, jobs wait instead of hosts. */
export function marketAccount(market: NosanaMarket, waiting: number, jobPriceMicroNos: bigint): Buffer {
  const queue = Array.from({ length: Math.abs(waiting) }, (_, place) => key(market.slug, 'waiting', place))
  const data = Buffer.concat([
    discriminator('MarketAccount'),
    key('authority'),
    unsigned(86_400n, 8),
    unsigned(jobPriceMicroNos, 8),
    unsigned(7_200n, 8),
    unsigned(4n, 1),
    key(market.slug, 'vault'),
    unsigned(254n, 1),
    decodeBase58(market.address),
    unsigned(0n, 16),
    unsigned(waiting === 0 ? 255n : waiting < 0 ? 0n : 1n, 1),
    unsigned(BigInt(queue.length), 4),
    ...queue,
  ])
  return Buffer.concat([data, Buffer.alloc(MARKET_BYTES - data.length)])
}

/** The program owns jobs too, which no reading of markets may take for one. */
export const jobAccount = (name: string): Buffer =>
  Buffer.concat([discriminator('JobAccount'), key(name), Buffer.alloc(208)])

const field = (name: string, type: unknown) => ({ name, type })
const IDL = {
  version: '0.1.0',
  name: 'nosana_jobs',
  instructions: [],
  accounts: [
    {
      name: 'MarketAccount',
      type: {
        kind: 'struct',
        fields: [
          field('authority', 'publicKey'),
          field('jobExpiration', 'i64'),
          field('jobPrice', 'u64'),
          field('jobTimeout', 'i64'),
          field('jobType', 'u8'),
          field('vault', 'publicKey'),
          field('vaultBump', 'u8'),
          field('nodeAccessKey', 'publicKey'),
          field('nodeXnosMinimum', 'u128'),
          field('queueType', 'u8'),
          field('queue', { vec: 'publicKey' }),
        ],
      },
    },
  ],
}

/** Anchor's IDL account: its own discriminator, the authority, and the IDL's JSON compressed. */
export function idlAccount(): Buffer {
  const json = deflateSync(JSON.stringify(IDL))
  const own = Buffer.from([24, 70, 98, 191, 58, 144, 123, 158])
  return Buffer.concat([own, key('authority'), unsigned(BigInt(json.length), 4), json])
}
