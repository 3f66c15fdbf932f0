// Whether what the settings point at answers: the chat platforms, both chains, 0G's indexer and key-value node, the backstop, every provider; each within a time limit.
import { createPublicClient, http } from 'viem'
import type { Clock } from '../../core/clock.ts'
import type { Config } from '../../core/config.ts'
import { NectoError } from '../../core/errors.ts'
import { fetchBytes } from '../../core/http.ts'
import type { ProviderProgress } from '../../core/jobs/job.ts'
import { indexStream } from '../../core/jobs/jobIndex.ts'
import { withEvent } from '../../core/jobs/readMarket.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { scan } from '../../core/market/scan.ts'
import { withTimeLimit } from '../../core/timeLimit.ts'
import { createKvReads } from '../../core/zerog/kvReads.ts'
import { openDiscordAccount } from '../discord/account.ts'
import { openTelegramAccount } from '../telegram/account.ts'
import { backstopQuestions } from './backstopChecks.ts'

export interface Check {
  readonly name: string
  /** Absent when there was nothing to ask. */
  readonly ok?: boolean
  /** For people: what it answered, or why it failed. */
  readonly detail: string
}

type Limits = { readonly clock: Clock; readonly signal: AbortSignal; readonly timeoutMs: number }

// A family that every market has, one GPU, one hour.
const SMALL_ASK = { gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 3600 }

/** The services that `necto start` talks to, in the order of its settings. Never throws but for the signal. */
export async function checkServices(config: Config, limits: Limits): Promise<Check[]> {
  const { ESCROW_CHAIN_ID, ESCROW_RPC_URLS, STORAGE_CHAIN_ID, STORAGE_RPC_URL } = config
  const { STORAGE_INDEXER_URL, STORAGE_KV_URL } = config
  const chain = (name: string, url: string | undefined, setting: string, chainId: number) =>
    url === undefined
      ? notSet(name)
      : check(`${name}, ${hostOf(url)}`, limits, (signal) => askChain(url, { setting, chainId, signal }))
  const escrow = ESCROW_RPC_URLS?.length ? ESCROW_RPC_URLS : [undefined]
  return Promise.all([
    ...chatChecks(config, limits),
    ...escrow.map((url) => chain('Escrow chain', url, 'ESCROW_CHAIN_ID', ESCROW_CHAIN_ID)),
    chain('0G chain', STORAGE_RPC_URL, 'STORAGE_CHAIN_ID', STORAGE_CHAIN_ID),
    STORAGE_INDEXER_URL === undefined
      ? notSet('0G indexer')
      : check(`0G indexer, ${hostOf(STORAGE_INDEXER_URL)}`, limits, (signal) =>
          askIndexer(STORAGE_INDEXER_URL, { ...limits, signal }),
        ),
    STORAGE_KV_URL === undefined
      ? notSet('0G key-value node')
      : check(`0G key-value node, ${hostOf(STORAGE_KV_URL)}`, limits, (signal) =>
          askKvNode(STORAGE_KV_URL, { config, signal }),
        ),
    ...(config.BACKSTOP_KEY === undefined ? [notSet('Backstop')] : []),
    ...backstopQuestions(config).map(({ name, ask }) => check(name, limits, ask)),
    ...(config.BACKSTOP_KEY === undefined ? [] : (config.BACKSTOP_RPC_URLS ?? [])).map((url) =>
      chain('Backstop chain', url, 'ESCROW_CHAIN_ID', ESCROW_CHAIN_ID),
    ),
  ])
}

/** Whose the bot tokens are: a platform that is set must know its token. */
function chatChecks(config: Config, limits: Limits): Promise<Check>[] {
  const { TELEGRAM_BOT_TOKEN, TELEGRAM_API_ROOT, DISCORD_BOT_TOKEN, DISCORD_API_ROOT } = config
  return [
    TELEGRAM_BOT_TOKEN === undefined
      ? notSet('Telegram')
      : check('Telegram', limits, async () => {
          const { username } = await openTelegramAccount({ token: TELEGRAM_BOT_TOKEN, apiRoot: TELEGRAM_API_ROOT })
          return `the bot is @${username}`
        }),
    DISCORD_BOT_TOKEN === undefined
      ? notSet('Discord')
      : check('Discord', limits, async () => {
          const { username } = await openDiscordAccount({ token: DISCORD_BOT_TOKEN, apiRoot: DISCORD_API_ROOT })
          return `the bot is ${username}`
        }),
  ]
}

/** What each provider answers to a small ask, as the scan of a job would tell it. */
export async function checkProviders(
  providers: readonly SynapseProvider[],
  limits: Limits,
): Promise<readonly ProviderProgress[]> {
  let progress: readonly ProviderProgress[] = []
  for await (const event of scan({ ...limits, providers, ask: SMALL_ASK, deadlineMs: limits.timeoutMs })) {
    if (event.kind !== 'finished') progress = withEvent(progress, event)
  }
  return progress
}

const notSet = (name: string): Promise<Check> => Promise.resolve({ name, detail: 'not set' })

async function check(name: string, limits: Limits, run: (signal: AbortSignal) => Promise<string>): Promise<Check> {
  const seconds = limits.timeoutMs / 1000
  const timeout = new NectoError('doctor.timeout', `no answer within ${seconds} s`, { retry: 'later' })
  try {
    return { name, ok: true, detail: await withTimeLimit({ ...limits, timeout }, run) }
  } catch (error) {
    limits.signal.throwIfAborted()
    // Texts of libraries carry whole addresses, which may hold a key.
    return { name, ok: false, detail: error instanceof NectoError ? error.message : 'could not be reached' }
  }
}

async function askChain(
  url: string,
  expected: { setting: string; chainId: number; signal: AbortSignal },
): Promise<string> {
  const { setting, chainId, signal } = expected
  const client = createPublicClient({ transport: http(url, { retryCount: 0, fetchOptions: { signal } }) })
  const answered = await client.getChainId()
  if (answered === chainId) return `chain ${chainId}`
  throw new NectoError('doctor.wrong-chain', `it is chain ${answered}, ${setting} says ${chainId}`)
}

/** Asks the gateway for a file that cannot be: any answer that is data will do. */
async function askIndexer(url: string, limits: Limits): Promise<string> {
  await fetchBytes({ ...limits, url: `${url.replace(/\/+$/, '')}/file?root=0x${'0'.repeat(64)}` })
  return 'answers'
}

/** A node takes no entry of a stream that its operator did not name to it. */
async function askKvNode(url: string, { config, signal }: { config: Config; signal: AbortSignal }): Promise<string> {
  const { STORAGE_KV_STREAM, ESCROW_CHAIN_ID: chainId, ROUTER_ADDRESS: router } = config
  const streamId = STORAGE_KV_STREAM ?? (router && indexStream({ chainId, router }))
  if (streamId === undefined) throw new NectoError('doctor.kv-stream', 'ROUTER_ADDRESS says which stream is ours')
  if (await createKvReads(url).holds(streamId, signal)) return `keeps the index, stream ${streamId}`
  throw new NectoError('doctor.kv-stream', `it does not replay stream ${streamId}: name it in its stream_ids`)
}

// The host alone: the path of an RPC address is often a key.
const hostOf = (url: string): string => new URL(url).host
