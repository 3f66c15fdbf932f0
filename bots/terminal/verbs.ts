// Every verb of `necto` with its options and an example: help is printed and arguments are read from this one table.
import { ASK_EXAMPLE } from '../../core/market/askWords.ts'

export interface VerbOption {
  readonly name: string
  /** What follows it, as help shows it; absent for a switch. */
  readonly value?: string
  readonly meaning: string
}
export interface Verb {
  readonly name: string
  /** What follows the name. */
  readonly synopsis: string
  /** One line of the overview. */
  readonly summary: string
  readonly about: string
  readonly options: readonly VerbOption[]
  /** Whole lines without `./`. */
  readonly examples: readonly string[]
}

const json = (meaning = 'one JSON document instead of text; amounts are decimal strings'): VerbOption => ({
  name: 'json',
  meaning,
})

export const VERBS: readonly Verb[] = [
  {
    name: 'demo',
    synopsis: '["<ask>"] [--on discord] [--seed N] [--untracked]',
    summary: 'the whole story in a local world',
    about:
      'Starts two chains, a 0G node, providers and a chat on this machine, and plays one job from the ask to the payout. An ask of your own replaces the member’s.',
    options: [
      { name: 'on', value: 'PLATFORM', meaning: 'where it plays: telegram (which it is without this) or discord' },
      { name: 'seed', value: 'N', meaning: 'repeats the prices of an earlier world' },
      { name: 'untracked', meaning: 'the job names nobody' },
    ],
    examples: ['necto demo "h100 x1 4h max 3 run echo hello" --seed 7', 'necto demo --on discord'],
  },
  {
    name: 'sandbox',
    synopsis: '[--seed N]',
    summary: 'the same world in a browser, to be played by hand',
    about:
      'Starts the world of the demo, opens a seller’s shop in it, and prints the address of a page with a Telegram and a Discord window side by side: be the member, the seller or the operator, and pay with a test wallet. Nothing leaves this machine and no money is real. Ctrl-C ends it.',
    options: [{ name: 'seed', value: 'N', meaning: 'repeats the prices of an earlier world' }],
    examples: ['necto sandbox --seed 7'],
  },
  {
    name: 'test',
    synopsis: '[part ...]',
    summary: 'every check and test',
    about:
      'Parts: types lint unused abi lock contracts unit e2e browser; without one, all of them. And by its name alone crash: every death, outage, lie and reorg that test/crash knows, for as long as it takes.',
    options: [],
    examples: ['necto test types unit'],
  },
  {
    name: 'bench',
    synopsis: '[name ...] [--json]',
    summary: 'how long the things take that people wait for',
    about: 'Measures them on this machine, all or those named, and prints medians and ratios. Nothing passes or fails.',
    options: [json()],
    examples: ['necto bench router scan'],
  },
  {
    name: 'setup',
    synopsis: '[--yes] [--check]',
    summary: 'asks for all that start needs, checks each answer, writes .env, deploys the contracts',
    about:
      'Nine steps: network, bots, escrow chain, 0G, keys, backstop, address, providers, contracts. Keys can be made on the spot; secrets are never shown. Run it again to change or mend something, or to go on after Ctrl-C. NECTO_ENV_FILE names another file than .env. Exit code 0 when start can begin, 1 when something is wrong, 2 when answers are missing and nobody is there to give them.',
    options: [
      {
        name: 'yes',
        meaning: 'asks nothing: takes the environment, .env and the defaults, and agrees to the cost of deploying',
      },
      { name: 'check', meaning: 'asks nothing and changes nothing: only checks what stands' },
    ],
    examples: ['necto setup', 'necto setup --check'],
  },
  {
    name: 'smoke',
    synopsis: '[--network NAME] [--yes] [--wait SECONDS]',
    summary: 'plays one tiny real job on the configured networks, without chat',
    about:
      'Proves escrow, relay, 0G, keeper, runner and verification after `necto setup`. Looks at everything first, says what it costs, and asks; SMOKE_PAYER_KEY (at least 0.25 test USDC) pays. It runs over a store of its own; stop `necto start` meanwhile. Exit code 0 when all of it works, 1 when something does not, 2 when it cannot begin, 75 when it may work later, 130 after Ctrl-C.',
    options: [
      {
        name: 'network',
        value: 'NAME',
        meaning: 'testnet, mainnet or custom: refuses settings of another; real money is never used without mainnet',
      },
      { name: 'yes', meaning: 'agrees to the cost; not to real money' },
      { name: 'wait', value: 'SECONDS', meaning: 'how long to wait for each step; else 300' },
    ],
    examples: ['necto smoke --network testnet'],
  },
  {
    name: 'start',
    synopsis: '',
    summary: 'bots, pages and keeper, from the settings in .env',
    about:
      'One process that runs everything. Settings come from the environment and, below it, from .env, which `necto setup` writes; `necto doctor` says which are missing.',
    options: [],
    examples: ['necto start'],
  },
  {
    name: 'backstop',
    synopsis: '',
    summary: 'gives overdue deposits back when the keeper does not; for another machine',
    about:
      'Asks the router which jobs may be reclaimed, waits BACKSTOP_GRACE_SECONDS and a random while more, tries the refund, and sends it from BACKSTOP_KEY, which has no role. Needs ESCROW_CHAIN_ID, ROUTER_ADDRESS, BACKSTOP_KEY, and BACKSTOP_RPC_URLS or ESCROW_RPC_URLS; it shares nothing with `necto start`. BACKSTOP_DRIVER=gelato keeps the same as tasks at the Automate contract BACKSTOP_AUTOMATE_ADDRESS instead and sends no refund itself: Gelato ended its own executors on 2026-03-31, so somebody else has to run one. Exit code 1 when its settings are wrong, 75 when it may be started again.',
    options: [],
    examples: ['necto backstop'],
  },
  {
    name: 'rebuild',
    synopsis: '[--merge]',
    summary: 'makes the jobs again from the chain and 0G when NECTO_DATA_DIR is lost',
    about:
      'Reads every final payment of the escrow from ROUTER_FROM_BLOCK on and, from 0G, each decision and the evidence of each run, checks them, and writes a job into NECTO_DATA_DIR wherever there is none. It sends nothing: `necto start` then gives deposits back whose job cannot run any more and settles what had started. It says what could not be had and what is lost. May be stopped and run again; run it before `necto start`. Exit code 0 when all was had, 75 when another run may bring more, 1 when it refuses, 130 after Ctrl-C.',
    options: [
      {
        name: 'merge',
        meaning: 'also in a folder that holds jobs of its own: they stay as they are, and only missing ones are added',
      },
    ],
    examples: ['necto rebuild'],
  },
  {
    name: 'chat',
    synopsis: '[--sandbox] [--seed N]',
    summary: 'the bots in this terminal, for whoever sits at it; the rest as start',
    about:
      'All that `necto start` runs, and this terminal as one more private chat; no bot token is needed. Type a command as you would to the bot, press a button by typing its number, and Enter alone to be shown what there is. Forms ask line by line, links are printed to be opened. /quit, Ctrl-D or Ctrl-C ends it as a stop does; open jobs go on in the next run. What happens to them while only `necto start` runs may not be told here afterwards. In a pipe each state of a message is printed, and the end of the input ends it. The log goes to standard error: `2>chat.log` keeps the whole of it.',
    options: [
      { name: 'sandbox', meaning: 'in the local world instead, with a test wallet: needs no setting and no money' },
      { name: 'seed', value: 'N', meaning: 'repeats the prices of an earlier local world' },
    ],
    examples: ['necto chat', 'necto chat --sandbox'],
  },
  {
    name: 'doctor',
    synopsis: '[--check] [--json]',
    summary: 'which settings are there, which are missing, and what is off without them',
    about:
      'Reads the settings and says of each what it is, without showing a secret, and of each provider whether jobs can be booked there or only prices are shown. Exit code 0 when `necto start` has all that it needs, else 1.',
    options: [
      {
        name: 'check',
        meaning:
          'also asks both chains, the 0G indexer and every provider whether they answer, what the accounts may rent (AWS by dry runs), and whether the backstop could act',
      },
      json(),
    ],
    examples: ['necto doctor --check'],
  },
  {
    name: 'quote',
    synopsis: '"<ask>" [--live] [--json]',
    summary: 'the comparison without a chat',
    about:
      'Asks every provider at once and shows the cheapest offer that fits, with its arithmetic and why each other lost. Nothing is started and no money moves. Exit code 0 for every answer, also when nothing fits; 2 for an ask that cannot be read.',
    options: [
      {
        name: 'live',
        meaning:
          'the real public endpoints: addresses and keys of providers in the environment are not used, and who needs a key is left out',
      },
      json(),
    ],
    examples: [`necto quote "${ASK_EXAMPLE}"`, 'necto quote "h100 x1 4h" --live'],
  },
  {
    name: 'offers',
    synopsis: '<provider> --replay FILE... [--at INSTANT] [--token NAME=USD] [--volatility] [--json]',
    summary: 'a provider’s recorded replies read as Necto would',
    about:
      'Parses replies that were recorded from a provider’s interface (JSON as it came) and prices one GPU for one hour of each offer. Nothing is fetched. Offers go to standard output, rows left out and warnings to standard error. Exit code 2 when a file is no reply of that provider.',
    options: [
      { name: 'replay', value: 'FILE...', meaning: 'the recorded replies, one or more files' },
      {
        name: 'at',
        value: 'INSTANT',
        meaning: 'when they were read: 2026-11-20T12:00:00Z or epoch milliseconds; else now',
      },
      { name: 'token', value: 'NAME=USD', meaning: 'what a token is worth, for prices in it; repeat for more' },
      {
        name: 'volatility',
        meaning: 'instead, how prices moved in the 14 days before INSTANT, by instance type and zone (aws-spot)',
      },
      json(),
    ],
    examples: [
      'necto offers akash --replay gpu-prices.json --at 2026-11-20T12:00:00Z',
      'necto offers nosana --replay markets.json --token NOS=0.42 --json',
    ],
  },
  {
    name: 'verify',
    synopsis: '<job|root|file> [--bytes FILE] [--bundle FILE] [--page FILE]',
    summary: 'recompute a decision and check it against the chain',
    about:
      'A job by its reference (K7QF-3M2P) or its on-chain id (0x…), stored bytes by their 0G root (0x…), or a record at hand. Reads the chain from ESCROW_RPC_URLS and the bytes from STORAGE_INDEXER_URL; needs no key and not Necto’s server. Exit code 1 when a step fails.',
    options: [
      { name: 'bytes', value: 'FILE', meaning: 'the record’s bytes, instead of reading them from 0G' },
      { name: 'bundle', value: 'FILE', meaning: 'also writes what was read into one file, to be checked elsewhere' },
      {
        name: 'page',
        value: 'FILE',
        meaning: 'writes the check itself as a web page: one file, for any host or none; needs no job',
      },
    ],
    examples: ['necto verify K7QF-3M2P', 'necto verify K7QF-3M2P --bundle job.json', 'necto verify --page verify.html'],
  },
  {
    name: 'seller',
    synopsis: '<key|run> [options]',
    summary: 'the runner for your own GPUs',
    about: 'Takes jobs that were bought from you and runs them. `necto seller help` lists its options.',
    options: [],
    examples: ['necto seller key', 'necto seller run --api https://necto.example --driver docker'],
  },
  {
    name: 'help',
    synopsis: '[verb]',
    summary: 'this list, or one verb with its options',
    about: 'The same as `necto <verb> --help`.',
    options: [],
    examples: ['necto help offers'],
  },
]
