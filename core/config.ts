// Configuration as one data table: validation, .env.example, the documentation and log redaction all come from it.
import { isAddress } from 'viem'
import { z } from 'zod'
import { address } from './codecs.ts'
import { NectoError } from './errors.ts'
import {
  type Env,
  list,
  optional,
  readSettings,
  type Setting,
  setting,
  text,
  url,
  type Values,
  whole,
  wholeOf,
} from './settings.ts'

const port = wholeOf(0, 65_535)
const seconds = wholeOf(1, 7 * 86_400)
/** A private key of an EVM wallet. */
export const key32 = z.templateLiteral(
  ['0x', z.string().regex(/^[0-9a-fA-F]{64}$/)],
  'a private key: 0x and 64 hex digits',
)

/** A stream of 0G's key-value storage. */
const streamId = z.templateLiteral(
  ['0x', z.string().regex(/^[0-9a-f]{64}$/)],
  'a stream id: 0x and 64 hex digits in lower case',
)

// What machines call holds their jobs' secrets.
const machinesUrl = url.regex(/^https:|^http:\/\/(127\.0\.0\.1|localhost)([:/]|$)/, 'an https address')

const PROCESS = [
  setting('NECTO_DATA_DIR', text, 'Where documents and blobs are kept; one process at a time', 'data/local'),
  setting('LOG_LEVEL', z.enum(['debug', 'info', 'warn', 'error']), 'How much is logged', 'info'),
  setting('PUBLIC_URL', url, 'Where people reach the pay, job and verify pages', 'http://127.0.0.1:8080'),
  setting(
    'LISTEN_HOST',
    text,
    'Address that pages and the interface for sellers listen on; 0.0.0.0 behind a proxy',
    '127.0.0.1',
  ),
  setting('WEB_PORT', port, 'Port of the pages; 0 = any', '8080'),
  setting('SELLER_API_PORT', port, "Port of the sellers' REST interface; 0 = any", '8090'),
  optional(
    'METRICS_PORT',
    port,
    'Port on 127.0.0.1 for /metrics (Prometheus), /livez and /readyz, 9464 by custom; 0 = any, without it there is none',
    { off: 'metrics and health checks' },
  ),
] as const satisfies readonly Setting[]

const CHAT = [
  setting('NECTO_ADMINS', list, 'Who approves sellers: platform:numeric id, comma separated', '', {
    off: 'approving sellers',
  }),
  optional('TELEGRAM_BOT_TOKEN', text, 'From @BotFather; without it Telegram is off', {
    secret: true,
    off: 'Telegram',
  }),
  setting('TELEGRAM_API_ROOT', url, 'Bot API server', 'https://api.telegram.org'),
  optional('DISCORD_BOT_TOKEN', text, 'From the Discord developer portal; without it Discord is off', {
    secret: true,
    off: 'Discord',
  }),
  setting('DISCORD_API_ROOT', url, 'Discord REST server', 'https://discord.com/api'),
] as const satisfies readonly Setting[]

const ESCROW = [
  setting('ESCROW_CHAIN_ID', whole, 'Chain of the escrow: 8453 Base, 84532 Base Sepolia', '84532'),
  optional(
    'ESCROW_RPC_URLS',
    list,
    'RPC endpoints of the escrow chain, comma separated, each stands in for the others; they may hold a key',
    {
      secret: true,
      off: 'payments',
    },
  ),
  optional(
    'ESCROW_CONFIRMATIONS',
    wholeOf(1, 10_000),
    'Blocks until an event is final, its own counted; else from data/networks.json',
  ),
  setting('ROUTER_FROM_BLOCK', whole, "Block of the router's deployment: where reading its log begins", '0'),
  setting('ESCROW_POLL_MS', whole, 'How often the escrow chain is read', '2000'),
  optional('ROUTER_ADDRESS', address, 'ComputeRouter', {
    off: 'payments',
  }),
  optional('REGISTRY_ADDRESS', address, 'ProviderRegistry', { off: 'listing sellers' }),
  optional('USDC_ADDRESS', address, 'USDC; else from data/networks.json'),
  optional('AGENT_KEY', key32, 'Starts, completes and cancels jobs, lists sellers', {
    secret: true,
    off: 'running jobs',
  }),
  optional('RELAY_KEY', key32, 'Pays the gas of funding; has no role', { secret: true, off: 'payments' }),
  setting(
    'RELAY_DAILY_GAS_BUDGET_GWEI',
    whole,
    'Gas, in gwei, that RELAY_KEY pays in one UTC day; once it is spent, payers send with their own. 20000000 = 0.02 ETH; 0 = never relay',
    '20000000',
  ),
  optional('QUOTER_KEY', key32, 'Signs the terms that may be funded', { secret: true, off: 'payments' }),
] as const satisfies readonly Setting[]

const BACKSTOP = [
  optional('BACKSTOP_KEY', key32, 'Pays the gas of `necto backstop`; has no role, and is no other key of Necto', {
    secret: true,
    off: 'the backstop',
  }),
  optional('BACKSTOP_RPC_URLS', list, 'RPC endpoints of the backstop, best of another company; else ESCROW_RPC_URLS', {
    secret: true,
  }),
  setting(
    'BACKSTOP_DRIVER',
    z.enum(['self', 'gelato']),
    "Who sends the refunds: self, or the executor of an Automate contract that gets the router's resolver as tasks. Gelato's own executors ended on 2026-03-31, so gelato needs one of yours or a successor's",
    'self',
  ),
  optional('BACKSTOP_AUTOMATE_ADDRESS', address, 'Automate contract of the driver gelato; BACKSTOP_KEY owns its tasks'),
  setting('BACKSTOP_DATA_DIR', text, "The backstop's own folder: what it has sent", 'data/local-backstop'),
  setting(
    'BACKSTOP_GRACE_SECONDS',
    wholeOf(0, 7 * 86_400),
    'How long the backstop leaves a job that may be reclaimed to the keeper',
    '900',
  ),
  setting(
    'BACKSTOP_JITTER_SECONDS',
    wholeOf(0, 86_400),
    'At most so much longer, by chance, so that two backstops seldom act at once',
    '300',
  ),
  setting('BACKSTOP_POLL_SECONDS', wholeOf(1, 86_400), 'How often the backstop asks what is due', '60'),
  setting('BACKSTOP_MAX_GAS_GWEI', wholeOf(1, 100_000), 'The most the backstop bids for a unit of gas', '20'),
  setting(
    'BACKSTOP_LOW_BALANCE_GWEI',
    whole,
    'The backstop warns when its wallet holds less; 1000000 = 0.001 ETH',
    '1000000',
  ),
] as const satisfies readonly Setting[]

const STORAGE = [
  setting('STORAGE_CHAIN_ID', whole, 'Chain of 0G: 16661 mainnet, 16602 Galileo', '16602'),
  optional('STORAGE_RPC_URL', url, 'RPC endpoint of the 0G chain; it may hold a key', {
    secret: true,
    off: 'decisions on 0G',
  }),
  optional('STORAGE_INDEXER_URL', url, '0G storage indexer', {
    off: 'decisions on 0G',
  }),
  optional('STORAGE_FLOW_ADDRESS', address, 'Flow contract of 0G storage', {
    off: 'decisions on 0G',
  }),
  optional('STORAGE_KV_URL', url, 'Key-value node of 0G, for an index of jobs that others can read', {
    off: 'the index of jobs on 0G (the one in the data folder stays the only one)',
  }),
  optional('STORAGE_KV_STREAM', streamId, 'Stream of that index; else one made of chain and router'),
  optional('STORAGE_KEY', key32, 'Pays for storage on 0G; a wallet for nothing else', {
    secret: true,
    off: 'decisions on 0G',
  }),
] as const satisfies readonly Setting[]

const BROKER = [
  optional(
    'BROKER_PAYOUT_ADDRESS',
    // Money goes there: a letter mistyped shows in the capitals.
    address.refine((value) => isAddress(value), 'an address as a wallet shows it, or in small letters'),
    'Wallet that the escrow pays for jobs on machines that Necto rents at other providers',
    { off: 'renting machines at other providers' },
  ),
  optional(
    'MACHINES_URL',
    machinesUrl,
    "Where those machines reach the sellers' interface from the internet, with https",
    { off: 'renting machines at other providers' },
  ),
] as const satisfies readonly Setting[]

const PRICES = [
  setting(
    'COINGECKO_API_URL',
    url,
    'Where token prices are read; https://pro-api.coingecko.com with a paid key',
    'https://api.coingecko.com',
  ),
  optional('COINGECKO_API_KEY', text, 'Demo or paid key of CoinGecko; without one its limits are lower', {
    secret: true,
  }),
] as const satisfies readonly Setting[]

const LIMITS = [
  setting('SCAN_DEADLINE_MS', whole, 'A provider that has not answered by then is named as absent', '6000'),
  setting('QUOTE_SECONDS', seconds, 'How long a quote may be funded', '900'),
  setting('START_SECONDS', seconds, 'How long after funding a job must have started, else it is refunded', '1800'),
  setting('SCANS_PER_PERSON_PER_DAY', wholeOf(1, 100_000), 'How many asks one person may have scanned a day', '200'),
  setting('FEE_BPS', wholeOf(0, 1000), "Necto's fee in basis points, out of what the provider is paid", '250'),
  setting('HEARTBEAT_TIMEOUT_SECONDS', seconds, 'A runner silent for this long has lost its job', '120'),
] as const satisfies readonly Setting[]

/** Every setting but those of the providers, which stand in their folders. */
export const SETTINGS = [
  ...PROCESS,
  ...CHAT,
  ...ESCROW,
  ...BACKSTOP,
  ...STORAGE,
  ...BROKER,
  ...PRICES,
  ...LIMITS,
] as const satisfies readonly Setting[]

/** The same by what they are for, as people are shown them. */
export const SETTING_GROUPS: readonly { readonly name: string; readonly settings: readonly Setting[] }[] = [
  { name: 'process', settings: PROCESS },
  { name: 'chat', settings: CHAT },
  { name: 'escrow', settings: ESCROW },
  { name: 'backstop', settings: BACKSTOP },
  { name: 'storage', settings: STORAGE },
  { name: 'rented machines', settings: BROKER },
  { name: 'token prices', settings: PRICES },
  { name: 'limits', settings: LIMITS },
]

/** One of these is enough for `necto start`: each is a platform that Necto can be talked to on. */
export const CHAT_TOKENS = ['TELEGRAM_BOT_TOKEN', 'DISCORD_BOT_TOKEN'] as const satisfies readonly Table['key'][]

/** What `necto start` does not begin without, besides one of `CHAT_TOKENS`. */
export const START_NEEDS = [
  'ESCROW_RPC_URLS',
  'ROUTER_ADDRESS',
  'REGISTRY_ADDRESS',
  'AGENT_KEY',
  'RELAY_KEY',
  'QUOTER_KEY',
  'STORAGE_RPC_URL',
  'STORAGE_INDEXER_URL',
  'STORAGE_FLOW_ADDRESS',
  'STORAGE_KEY',
] as const satisfies readonly Table['key'][]

type Table = (typeof SETTINGS)[number]
/** The settings decoded; those without a default may be undefined. */
export type Config = Values<typeof SETTINGS>

/**
 * Reads the environment; throws one NectoError 'config.invalid' that lists every fault at once, values never shown.
 * `more` are settings that others read themselves: only their faults are told here.
 */
export function readConfig(env: Env, more: readonly Setting[] = []): Config {
  return readSettings([...SETTINGS, ...more], env) as Config
}

/** The named settings, all set; throws 'config.missing' naming every one that is not, with its meaning. */
export function requireSettings<const Key extends Table['key']>(
  config: Config,
  keys: readonly Key[],
): { readonly [K in Key]: NonNullable<Config[K]> } {
  const missing = keys.filter((key) => config[key] === undefined)
  if (missing.length > 0) {
    const lines = missing.map((key) => `  ${key}: ${SETTINGS.find((entry) => entry.key === key)?.meaning}`)
    throw new NectoError(
      'config.missing',
      `Settings that are missing:\n${lines.join('\n')}\n./necto setup asks for them.`,
    )
  }
  return config as { readonly [K in Key]: NonNullable<Config[K]> }
}

/** Throws 'config.missing', naming all of them, when no chat platform is set. */
export function requireChat(config: Config): void {
  if (CHAT_TOKENS.some((key) => config[key] !== undefined)) return
  const lines = CHAT_TOKENS.map((key) => `  ${key}: ${SETTINGS.find((entry) => entry.key === key)?.meaning}`)
  throw new NectoError(
    'config.missing',
    `Nobody could talk to Necto; one of these settings is needed:\n${lines.join('\n')}\n./necto setup asks for them; ./necto chat needs none, it talks to whoever sits at the terminal.`,
  )
}
