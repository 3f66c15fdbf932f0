// The steps of a job that a reorg may take back, and what the chain may have instead of each.
import { type Address, encodeFunctionData, erc20Abi, type Hex, http, type LocalAccount, parseAbi } from 'viem'
import { depositOf } from '../../core/escrow/metering.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { readCredit } from '../../core/escrow/routerReads.ts'
import { encodeApprove } from '../../core/escrow/usdc.ts'
import { payer } from '../../core/jobs/testJobs.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { dues } from '../../keeper/backstop/due.ts'
import { createSelfDriver } from '../../keeper/backstop/selfDriver.ts'
import { withdrawFees } from '../../keeper/tasks/withdrawFees.ts'
import { createEndpoints } from '../../keeper/tx/endpoints.ts'
import { intents } from '../../keeper/tx/intent.ts'
import { createSender } from '../../keeper/tx/sender.ts'
import { people } from '../world/startEscrowChain.ts'
import type { Branch } from './reorgChain.ts'
import type { ReorgWorld } from './reorgWorld.ts'

export type End = 'settled' | 'refunded' | 'lapsed'

/** What happens to the step's transaction when its block goes. */
export interface Fate {
  readonly name: string
  readonly end: End
  /** What the new blocks hold, given what the old ones held. */
  branch(world: ReorgWorld, raws: readonly Hex[], depth: number): Promise<Omit<Branch, 'depth'>>
  /** What comes back into the mempool of the nodes. */
  readonly returns?: boolean
}

export interface Step {
  readonly name: string
  readonly hasStorage?: boolean
  readonly fates: readonly Fate[]
  /** Brings the job to where the step's transaction waits in the mempool; answers who acts besides the keeper. */
  lead(world: ReorgWorld): Promise<(() => Promise<void>) | undefined>
}

/** Far enough that nothing before it can go. */
const DEEP = 13
const HOUR = 3_600
const usdcAbi = parseAbi(['function cancelAuthorization(address authorizer, bytes32 nonce, bytes signature)'])

// What may become of any transaction: in another block, back in the mempool, or known to nobody any more.
const survives = (end: End): Fate[] => [
  {
    name: 'mined again in another block',
    end,
    branch: async (_, raws, depth) => ({ transactions: raws, inBlock: depth - 1 }),
  },
  { name: 'dropped, back in the mempool', end, branch: async () => ({}), returns: true },
]
const isLost = (end: End): Fate => ({ name: 'dropped, known to no node', end, branch: async () => ({}) })

/** A call by somebody else that is mined first, the dropped transaction back in the mempool. */
const overtaken = (options: {
  name: string
  end: End
  raw: (world: ReorgWorld, raws: readonly Hex[]) => Promise<Hex>
  laterSeconds?: number
}): Fate => ({
  ...options,
  returns: true,
  async branch(world, raws) {
    const { laterSeconds } = options
    return { transactions: [await options.raw(world, raws)], ...(laterSeconds !== undefined && { laterSeconds }) }
  },
})

const router = ({ chain }: ReorgWorld) => chain.deployed.router
const onRouter = (world: ReorgWorld, from: LocalAccount, call: Parameters<typeof encodeRouterCall>[0]) =>
  world.chain.sign(from, { to: router(world), data: encodeRouterCall(call) })

const everythingSpent = async (world: ReorgWorld, nonce?: number): Promise<Hex> => {
  const { chain } = world
  // The deposit has left it, and comes back with the block.
  const balance = (await usdcOf(world, payer.address)) + depositOf(world.terms)
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [people.stranger.address, balance] })
  return chain.sign(payer, { to: chain.usdc, data, ...(nonce !== undefined && { nonce }) })
}

export const usdcOf = ({ chain }: Pick<ReorgWorld, 'chain'>, account: Address): Promise<bigint> =>
  chain.client.readContract({ address: chain.usdc, abi: erc20Abi, functionName: 'balanceOf', args: [account] })

async function authorizationCancelled(world: ReorgWorld): Promise<Hex> {
  const message = { authorizer: payer.address, nonce: world.jobId }
  const signature = await payer.signTypedData({
    domain: world.shop.domain,
    types: {
      CancelAuthorization: [
        { name: 'authorizer', type: 'address' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'CancelAuthorization',
    message,
  })
  const data = encodeFunctionData({
    abi: usdcAbi,
    functionName: 'cancelAuthorization',
    args: [payer.address, world.jobId, signature],
  })
  return world.chain.sign(payer, { to: world.chain.usdc, data })
}

async function approve(world: ReorgWorld): Promise<void> {
  const data = encodeApprove({ spender: router(world), amountMicroUsd: 1_000_000_000n })
  await world.chain.act(payer, world.chain.usdc, data)
  await world.chain.mine(DEEP)
}

const paysHimself = (world: ReorgWorld) =>
  onRouter(world, payer, { verb: 'fund', terms: world.terms, quoteSignature: world.quoteSignature })

/** Turns until a transaction of the keeper waits in the mempool. */
async function untilSent(world: ReorgWorld, part: string): Promise<undefined> {
  for (let i = 0; i < 20; i++) {
    await world.turn()
    if ((await world.intentsBy(part)).some(({ state }) => state === 'sent')) return undefined
    await world.chain.mine()
  }
  throw new Error(`${part} was never sent`)
}

async function untilState(world: ReorgWorld, state: string): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await world.turn()
    if ((await world.job()).state === state) return
    await world.chain.mine(DEEP)
  }
  throw new Error(`never ${state}: ${JSON.stringify((await world.job()).state)}`)
}

async function untilActive(world: ReorgWorld): Promise<void> {
  await world.authorize()
  await untilState(world, 'active')
}

const stopped = (end: End) =>
  overtaken({
    name: 'the payer stops first',
    end,
    raw: (world) => onRouter(world, payer, { verb: 'stop', id: world.jobId }),
  })
const reclaimed = (name: string, laterSeconds: number) =>
  overtaken({
    name,
    end: 'refunded',
    laterSeconds,
    raw: (world) => onRouter(world, people.stranger, { verb: 'reclaim', id: world.jobId }),
  })

/** The backstop beside the keeper, with a store and a key of its own. */
function openBackstop({ chain, confirmations, shop }: ReorgWorld) {
  const { chainId } = chain.deployed
  const store = createMemoryStore()
  const docs = store.collection(intents)
  const transports = [http(chain.anvil.url, { retryCount: 0 })]
  const shared = { intents: docs, clock: shop.context.clock, log: silentLog }
  const account = people.admin
  const sender = createSender({ ...shared, transports, account, chainId, confirmations, feeCapWei: 200_000_000_000n })
  const backstop = createSelfDriver({
    ...shared,
    dues: store.collection(dues),
    endpoints: createEndpoints({ transports, chainId }),
    router: chain.deployed.router,
    account: account.address,
    sender,
    graceSeconds: 0,
    jitterSeconds: 0,
    pollMs: 10,
    lowBalanceWei: 0n,
    random: (length) => new Uint8Array(length),
  })
  return async () => {
    await backstop.round()
    await sender.step()
  }
}

export const steps: readonly Step[] = [
  {
    name: 'the relay’s fund',
    fates: [
      ...survives('settled'),
      isLost('settled'),
      overtaken({ name: 'the payer spends the USDC first', end: 'lapsed', raw: (world) => everythingSpent(world) }),
      overtaken({ name: 'the payer cancels the authorization first', end: 'lapsed', raw: authorizationCancelled }),
      overtaken({ name: 'the payer pays the same terms himself first', end: 'settled', raw: paysHimself }),
    ],
    async lead(world) {
      await approve(world)
      await world.authorize()
      return untilSent(world, ':fund:')
    },
  },
  {
    name: 'the payer’s own fund',
    fates: [
      ...survives('settled'),
      isLost('lapsed'),
      {
        name: 'the payer spends the USDC instead',
        end: 'lapsed',
        async branch(world) {
          return {
            transactions: [
              await everythingSpent(
                world,
                (await world.chain.client.getTransactionCount({ address: payer.address })) - 1,
              ),
            ],
          }
        },
      },
    ],
    async lead(world) {
      await approve(world)
      await world.turn()
      await world.chain.offer(await paysHimself(world))
      return undefined
    },
  },
  {
    name: 'the payer’s own fund, before the relay has sent his authorization',
    fates: [...survives('settled'), isLost('settled')],
    async lead(world) {
      await approve(world)
      await world.turn()
      await world.authorize()
      await world.chain.offer(await paysHimself(world))
      return undefined
    },
  },
  {
    name: 'start',
    fates: [
      ...survives('settled'),
      isLost('settled'),
      stopped('settled'),
      reclaimed('anybody reclaims first, after startBy', HOUR),
    ],
    async lead(world) {
      await world.authorize()
      return untilSent(world, ':start')
    },
  },
  {
    name: 'checkpoint',
    fates: [...survives('settled'), isLost('settled'), stopped('settled')],
    async lead(world) {
      await untilActive(world)
      await world.run(HOUR + 100)
      return untilSent(world, ':checkpoint')
    },
  },
  {
    name: 'complete',
    fates: [
      ...survives('settled'),
      isLost('settled'),
      stopped('settled'),
      reclaimed('anybody reclaims first, after 72 hours', 80 * HOUR),
    ],
    async lead(world) {
      await untilActive(world)
      await world.run(100)
      await world.handIn(100)
      return untilSent(world, ':complete')
    },
  },
  {
    name: 'cancel',
    hasStorage: false,
    fates: [...survives('refunded'), isLost('refunded'), reclaimed('the backstop reclaims first', 60)],
    async lead(world) {
      await world.authorize()
      await untilState(world, 'funded')
      await world.chain.passSeconds(HOUR)
      return untilSent(world, ':cancel')
    },
  },
  {
    name: 'the backstop’s reclaim',
    hasStorage: false,
    fates: [
      ...survives('refunded'),
      isLost('refunded'),
      {
        name: 'the keeper is back and cancels first',
        end: 'refunded',
        async branch(world) {
          return { transactions: [await onRouter(world, people.agent, { verb: 'cancel', id: world.jobId })] }
        },
        returns: true,
      },
    ],
    async lead(world) {
      await world.authorize()
      await untilState(world, 'funded')
      await world.chain.passSeconds(HOUR)
      const act = openBackstop(world)
      await act()
      return act
    },
  },
  {
    name: 'the fees’ withdrawal',
    fates: [
      ...survives('settled'),
      isLost('settled'),
      overtaken({
        name: 'anybody withdraws them first',
        end: 'settled',
        raw: (world) => onRouter(world, people.stranger, { verb: 'withdrawFor', account: people.feeRecipient.address }),
      }),
    ],
    async lead(world) {
      const recipient = people.feeRecipient.address
      await untilActive(world)
      await world.run(100)
      await world.handIn(100)
      await untilState(world, 'settled')
      const microUsd = await readCredit({ client: world.chain.client, router: router(world), account: recipient })
      // So much that it is worth the gas, whatever it is.
      await withdrawFees(world.keeper(), async () => ({ recipient, microUsd: microUsd + 5_000_000n }))
      return untilSent(world, 'fees:')
    },
  },
]
