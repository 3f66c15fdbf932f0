// The terminal's composition root: verbs that need neither a store nor a key.

import { readConfig } from '../../core/config.ts'
import { createCoinGecko } from '../../core/feed/coingecko.ts'
import { createTokenFeed } from '../../core/feed/createTokenFeed.ts'
import { policyOf } from '../../core/jobs/policyOf.ts'
import { createOfferCache } from '../../core/market/cache.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { readerRpcUrl } from '../../core/networks.ts'
import {
  createProviders,
  createTokenSources,
  providerModules,
  providerSettings,
} from '../../core/providers/registry.ts'
import { type ProcessContext, runProcess } from '../../core/runProcess.ts'
import type { Env } from '../../core/settings.ts'
import { fetchListings } from '../../core/supply/fetchListings.ts'
import { verifySources } from '../../core/verifySources.ts'
import { runDoctor } from './doctorCommand.ts'
import { noSuchVerb, overview, verbHelp } from './help.ts'
import { runOffers } from './offersCommand.ts'
import { readQuoteArguments, runQuote } from './quoteCommand.ts'
import { createTerminalLog } from './terminalLog.ts'
import { runVerify } from './verifyCommand.ts'

const LIVE_NOTE =
  'Live: the public endpoints of every provider. Addresses and keys in the environment are not used, so who needs a key is left out.'

const RUN: Readonly<Record<string, (context: ProcessContext, args: readonly string[]) => Promise<number>>> = {
  quote,
  verify: (context, args) =>
    runVerify({
      args,
      sources: () => verifySources(context),
      makePage: () => makePage(context),
      print: context.say,
      warn: context.warn,
    }),
  offers: ({ clock, say, warn }, args) =>
    runOffers({ args, modules: providerModules, nowMs: clock.now(), print: say, warn }),
  doctor: (context, args) =>
    runDoctor({
      args,
      context,
      modules: providerModules,
      providers: () => networkProviders(context, context.env),
      print: context.say,
      warn: context.warn,
    }),
}

// `necto … | head` ends the reader first, which is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
await runProcess(run, providerSettings)

async function run(context: ProcessContext): Promise<number> {
  const [verb = 'help', ...args] = process.argv.slice(2)
  if (verb === 'help' || isHelp(verb)) return help(context, args[0])
  if (args.some(isHelp)) return help(context, verb)
  const known = Object.hasOwn(RUN, verb) ? RUN[verb] : undefined
  if (known) return known(context, args)
  context.say(noSuchVerb(verb))
  return 2
}

function isHelp(arg: string): boolean {
  return arg === '--help' || arg === '-h'
}

async function help({ say }: ProcessContext, verb: string | undefined): Promise<number> {
  const text = verb === undefined ? overview() : verbHelp(verb)
  say(text ?? noSuchVerb(verb ?? ''))
  return text === undefined ? 2 : 0
}

/** The page that verifies by itself, set to this network; settings that are missing stay for its reader to fill in. */
async function makePage({ config }: ProcessContext): Promise<string> {
  const { verifierFile } = await import('../web/verifierFile.ts')
  const { ESCROW_CHAIN_ID: chainId, ESCROW_RPC_URLS: rpcUrls = [] } = config
  return verifierFile({
    rpcUrl: readerRpcUrl(chainId, rpcUrls),
    chainId,
    router: config.ROUTER_ADDRESS,
    fromBlock: config.ROUTER_FROM_BLOCK,
    gatewayUrl: config.STORAGE_INDEXER_URL,
  })
}

async function quote(context: ProcessContext, args: readonly string[]): Promise<number> {
  const { clock, say, signal } = context
  const log = createTerminalLog(context.warn)
  const { text, json, live } = readQuoteArguments(args)
  if (text.trim() === '' && !json) {
    context.warn(verbHelp('quote') ?? '')
    return 2
  }
  const env = live ? {} : context.env
  const { COINGECKO_API_URL: baseUrl, COINGECKO_API_KEY: apiKey } = live ? readConfig({}) : context.config
  const tokenSources = [createCoinGecko({ baseUrl, apiKey, clock, log }), ...createTokenSources(depsOf(context, env))]
  const market = {
    // Which Necto's sellers would be meant is said by PUBLIC_URL, a setting as any other.
    providers: live ? networkProviders(context, env) : createProviders(depsOf(context, env)),
    cache: createOfferCache({ clock }),
    clock,
    tokens: createTokenFeed({ sources: tokenSources, clock, log }).prices,
  }
  const note = live ? LIVE_NOTE : undefined
  return runQuote({ text, json, note, market, policy: policyOf(context.config), print: say, signal })
}

/** Providers other than Necto's own sellers. */
function networkProviders(context: ProcessContext, env: Env): SynapseProvider[] {
  return createProviders(depsOf(context, env)).filter(({ id }) => id !== 'necto')
}

function depsOf({ clock, config }: ProcessContext, env: Env) {
  return { clock, env, listings: () => fetchListings({ publicUrl: config.PUBLIC_URL, clock }) }
}
