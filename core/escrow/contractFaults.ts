// Whether contracts that stand are those that these keys can work with: each fault in words.
import type { Address, PublicClient } from 'viem'
import { holdsRole, isLister, readRouterSettings } from './routerReads.ts'

/** Every fault; empty when all is well. */
export async function contractFaults(options: {
  client: PublicClient
  name: string
  usdc: Address
  router: Address
  registry: Address | undefined
  agent: Address
  quoter: Address
  relay: Address
}): Promise<string[]> {
  const { client, name, usdc, router, registry, agent, quoter, relay } = options
  const settings = await readRouterSettings({ client, router }).catch(() => undefined)
  if (!settings) return [`No ComputeRouter answers at ${router} on ${name}.`]
  const roles = await Promise.all([
    holdsRole({ client, router, role: 'AGENT', account: agent }),
    holdsRole({ client, router, role: 'QUOTER', account: quoter }),
    isLister({ client, registry: settings.registry, account: agent }),
    holdsRole({ client, router, role: 'AGENT', account: relay }),
    holdsRole({ client, router, role: 'QUOTER', account: relay }),
  ]).catch(() => undefined)
  if (!roles) return [`The roles of ${router} could not be read.`]
  const [isAgent, isQuoter, isListing, isRelayAgent, isRelayQuoter] = roles
  return [
    settings.usdc.toLowerCase() !== usdc.toLowerCase() && `The router takes the token ${settings.usdc}, not ${usdc}.`,
    settings.registry.toLowerCase() !== registry?.toLowerCase() &&
      `REGISTRY_ADDRESS is ${registry ?? 'not set'}; the router's is ${settings.registry}.`,
    !isAgent && `The agent ${agent} has not the AGENT role: the owner grants it.`,
    !isQuoter && `The quoter ${quoter} has not the QUOTER role: the owner grants it.`,
    !isListing && `The agent ${agent} may not list sellers: the owner grants LISTER in the registry.`,
    (isRelayAgent || isRelayQuoter) && `The relay ${relay} holds a role, and should have none.`,
    settings.paused && 'The router is paused: the owner unpauses it.',
  ].filter((fault) => fault !== false)
}
