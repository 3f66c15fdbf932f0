// The terminal's composition root: quote and verify, which need neither a store nor a key.
import { createCoinGecko } from '../../core/feed/coingecko.ts'
import { createTokenFeed } from '../../core/feed/createTokenFeed.ts'
import { policyOf } from '../../core/jobs/policyOf.ts'
import { createOfferCache } from '../../core/market/cache.ts'
import { createProviders, createTokenSources, providerSettings } from '../../core/providers/registry.ts'
import { type ProcessContext, runProcess } from '../../core/runProcess.ts'
import { verifySources } from '../../core/verifySources.ts'
import { runQuote } from './quoteCommand.ts'
import { runVerify } from './verifyCommand.ts'

const HELP = `necto <verb>

  demo ["<ask>"]          the whole story in a local world; --seed N repeats its prices, --untracked names nobody
  sandbox                 the same world, left running to be played with
  test                    every check and test
  start                   bots, pages and keeper, from the settings in .env.example
  quote "<ask>" [--json]  the comparison without a chat
  verify <job|root|file>  recompute a decision and check it against the chain
  seller <key|run>        the runner for your own GPUs
  help                    this text

An ask: h100 x2 4h max 2.50 eu no-spot only akash,necto sort uptime run python train.py`

await runProcess(run, providerSettings)

async function run(context: ProcessContext): Promise<number> {
  const [verb = 'help', ...args] = process.argv.slice(2)
  if (verb === 'quote') return quote(context, args)
  if (verb === 'verify') return runVerify({ args, sources: () => verifySources(context), print: context.say })
  const isHelp = verb === 'help' || verb === '--help' || verb === '-h'
  context.say(isHelp ? HELP : `There is no "${verb}".\n\n${HELP}`)
  return isHelp ? 0 : 2
}

/** Providers over the network; sellers' listings live in a running Necto's store and are not read. */
async function quote(context: ProcessContext, args: readonly string[]): Promise<number> {
  const { config, env, clock, log, signal, say } = context
  const providerDeps = { clock, env, listings: async () => [] }
  const coinGecko = createCoinGecko({
    baseUrl: config.COINGECKO_API_URL,
    apiKey: config.COINGECKO_API_KEY,
    clock,
    log,
  })
  const market = {
    providers: createProviders(providerDeps).filter(({ id }) => id !== 'necto'),
    cache: createOfferCache({ clock }),
    clock,
    tokens: createTokenFeed({ sources: [coinGecko, ...createTokenSources(providerDeps)], clock, log }).prices,
  }
  return runQuote({ args, market, policy: policyOf(config), print: say, signal })
}
