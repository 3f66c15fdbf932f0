// The contracts: those that stand are checked for the roles of these keys, else new ones are deployed, step by step.
import { type Address, BaseError, createWalletClient, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { DEPLOYMENT_GAS, deploy } from '../contracts/deploy.ts'
import { NectoError } from '../core/errors.ts'
import { contractFaults } from '../core/escrow/contractFaults.ts'
import { isLister } from '../core/escrow/routerReads.ts'
import { etherText } from '../core/etherText.ts'
import { knownEscrowChain } from '../core/networks.ts'
import type { Dialog } from './dialog.ts'
import type { EscrowChain } from './escrow.ts'
import type { Wallets } from './keys.ts'
import { checkUsdcFeed, USDC_BOUNDS, USDC_HEARTBEAT_SECONDS } from './usdcFeed.ts'

const CONTRACTS = {
  registry: { key: 'REGISTRY_ADDRESS', title: 'ProviderRegistry' },
  priceGuard: { key: 'DEPLOY_PRICE_GUARD', title: 'PriceGuard' },
  router: { key: 'ROUTER_ADDRESS', title: 'ComputeRouter' },
} as const

type Parties = { readonly agent: Address; readonly quoter: Address; readonly relay: Address }

/** Ends with contracts that these keys can work with, or with what stands against it said. */
export async function settleContracts(dialog: Dialog, escrow: EscrowChain, wallets: Wallets): Promise<void> {
  const { AGENT_KEY: agent, QUOTER_KEY: quoter, RELAY_KEY: relay } = wallets
  if (!agent || !quoter || !relay) return dialog.note('Contracts: first the keys.')
  const parties = { agent, quoter, relay }
  const { answers, mode } = dialog
  const router = answers.get('ROUTER_ADDRESS') as Address | undefined
  if (router !== undefined) {
    if (await check({ dialog, escrow, parties, router })) return
    if (mode !== 'ask') return
    const word = await dialog.choose(
      'Deploy new contracts instead? Jobs of the old ones are then not seen. yes or no',
      'no',
    )
    if (!word.startsWith('y')) return
    await answers.keep({ ROUTER_ADDRESS: undefined, REGISTRY_ADDRESS: undefined, DEPLOY_PRICE_GUARD: undefined })
  }
  if (mode === 'check') return dialog.fault('The contracts are not deployed (ROUTER_ADDRESS, REGISTRY_ADDRESS).')
  await deployAll({ dialog, escrow, parties })
}

async function check(options: {
  dialog: Dialog
  escrow: EscrowChain
  parties: Parties
  router: Address
}): Promise<boolean> {
  const { dialog, escrow, parties, router } = options
  const registry = dialog.answers.get('REGISTRY_ADDRESS') as Address | undefined
  const faults = await contractFaults({ ...escrow, ...parties, router, registry })
  for (const fault of faults) dialog.fault(fault)
  if (faults.length === 0) dialog.good(`ComputeRouter ${router}: agent and quoter hold their roles, the relay none`)
  return faults.length === 0
}

async function deployAll(options: { dialog: Dialog; escrow: EscrowChain; parties: Parties }): Promise<void> {
  const { dialog, escrow, parties } = options
  const { answers } = dialog
  const { client, chainId, rpcUrl, usdc, usdcName } = escrow
  const plan = await askPlan(dialog, escrow)
  if (!plan) return
  if (dialog.missing.length > 0 || dialog.faults.length > 0)
    return dialog.note('Not deployed: first the rest has to be right.')
  const [gasPrice, heldWei] = await Promise.all([client.getGasPrice(), client.getBalance({ address: parties.agent })])
  const costWei = gasPrice * DEPLOYMENT_GAS
  dialog.say(
    `Three contracts, about ${etherText(costWei)} ETH of gas, from the agent ${parties.agent}, which holds ${etherText(heldWei)} ETH.`,
  )
  if (heldWei < costWei)
    return dialog.fault('The agent holds too little to deploy. Send it ETH, then run ./necto setup again.')
  if (!(await dialog.agree(`Deploy to ${escrow.name} now?`))) {
    if (dialog.mode === 'ask') return dialog.note('Not deployed; ./necto setup asks again.')
    return dialog.fault('The contracts were not deployed: nobody is here to agree to the cost. --yes does.')
  }
  const account = privateKeyToAccount(answers.get('AGENT_KEY') as Hex)
  const known = knownEscrowChain(chainId)
  try {
    const deployed = await deploy({
      client,
      wallet: createWalletClient({ account, transport: http(rpcUrl) }),
      existing: await begun(dialog, escrow, parties),
      deployment: {
        chainId,
        usdc,
        usdcName,
        feeRecipient: plan.feeRecipient,
        feeds: [
          {
            symbol: 'USDC',
            source: plan.feed,
            heartbeatSeconds: USDC_HEARTBEAT_SECONDS,
            maxDeviationBps: 100,
            ...USDC_BOUNDS,
          },
        ],
        ...(known?.sequencerFeed && { sequencerFeed: known.sequencerFeed }),
        admin: plan.admin,
        agents: [parties.agent],
        quoters: [parties.quoter],
        pausers: [plan.admin],
        listers: [parties.agent],
      },
      async onDeployed({ name, address, blockNumber }) {
        const { key, title } = CONTRACTS[name]
        await answers.keep({ [key]: address, ...(name === 'router' && { ROUTER_FROM_BLOCK: String(blockNumber) }) })
        dialog.good(`${title} ${address}`)
        dialog.signal.throwIfAborted()
      },
    })
    await check({ dialog, escrow, parties, router: deployed.router })
  } catch (error) {
    dialog.signal.throwIfAborted()
    const why =
      error instanceof NectoError ? error.message : error instanceof BaseError ? error.shortMessage : 'It broke off.'
    dialog.fault(`${why} What stands is kept; ./necto setup goes on from there.`)
  }
}

async function askPlan(dialog: Dialog, { client, chainId }: EscrowChain) {
  const admin = await dialog.ask({
    key: 'DEPLOY_ADMIN',
    label: 'Address of the owner',
    help: 'The owner grants roles, unpauses and sets price feeds, two days ahead:\na wallet of yours whose key is not on this machine, best a multisig.',
    check: async (value) => `owner ${value}`,
  })
  const feeRecipient = await dialog.ask({
    key: 'DEPLOY_FEE_RECIPIENT',
    label: 'Where the fee is paid',
    help: 'Fees gather in the contract; the keeper sends them there each night once they are 5 USDC.',
    fallback: admin,
    check: async (value) => `fee to ${value}`,
  })
  const feed = await dialog.ask({
    key: 'DEPLOY_USDC_FEED',
    label: "Chainlink's USDC/USD feed",
    fallback: knownEscrowChain(chainId)?.usdcFeed,
    check: (value) => checkUsdcFeed({ client, feed: value as Address }),
  })
  if (admin === undefined || feeRecipient === undefined || feed === undefined) return undefined
  return { admin: admin as Address, feeRecipient: feeRecipient as Address, feed: feed as Address }
}

/** What stands of a deployment that was cut off, and was meant for these keys. */
async function begun(dialog: Dialog, { client }: EscrowChain, { agent }: Parties) {
  const registry = dialog.answers.get('REGISTRY_ADDRESS') as Address | undefined
  const priceGuard = dialog.answers.get('DEPLOY_PRICE_GUARD') as Address | undefined
  const stands = async (address: Address | undefined) => address && (await client.getCode({ address })) !== undefined
  const isOurs = registry && (await stands(registry)) && (await isLister({ client, registry, account: agent }))
  const existing = {
    registry: isOurs ? registry : undefined,
    priceGuard: (await stands(priceGuard)) ? priceGuard : undefined,
  }
  for (const name of ['registry', 'priceGuard'] as const)
    if (existing[name]) dialog.good(`${CONTRACTS[name].title} ${existing[name]} stands already`)
  return existing
}
