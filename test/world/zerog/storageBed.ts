// What the storage tests stand on: a chain with the contracts, a node, and ways to reach them.
import { type Abi, type Address, bytesToHex, createPublicClient, createWalletClient, type Hex, http } from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { foldNodeRoots, submissionNodes } from '../../../core/record/merkleTree.ts'
import type { PutStep } from '../../../core/zerog/storeFile.ts'
import { createZeroG, type ZeroG, type ZeroGOptions } from '../../../core/zerog/zeroG.ts'
import { connect, startAnvil } from '../chain/anvil.ts'
import { flowArtifact } from '../contracts/artifacts.ts'
import { deployFlow, turboPricePerSector } from './deployFlow.ts'
import type { Faults } from './faults.ts'
import { startKvNode } from './kv/startKvNode.ts'
import type { Peer } from './rpcMethods.ts'
import { startZeroGNode, type ZeroGNode } from './startZeroGNode.ts'

export const storageChainId = 16602

/** The private key of one of anvil's funded accounts, of its public test mnemonic. */
export function keyOf(addressIndex: number): Hex {
  const account = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex })
  return bytesToHex(account.getHdKey().privateKey ?? new Uint8Array())
}

/** Bytes that differ everywhere and between seeds. */
export function sample(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 101) & 0xff)
}

/** A storage chain with its contracts and its nodes; everything opened through it is closed by `stop`. */
export async function startStorageBed(
  options: {
    blockTimeSeconds?: number
    faults?: Partial<Faults>
    confirmations?: number
    /** As many nodes, each with its own part of all segments. */
    shards?: number
    /** The streams of a key-value node; without any there is none. */
    streamIds?: Hex[]
  } = {},
) {
  const { blockTimeSeconds, shards = 1, streamIds, ...nodeOptions } = options
  const anvil = await startAnvil({ chainId: storageChainId, ...(blockTimeSeconds ? { blockTimeSeconds } : {}) })
  const rpcUrl = anvil.url
  const local = connect(anvil)
  const contracts = await deployFlow({ rpcUrl, deployerKey: keyOf(0) })
  const chain = { rpcUrl, flowAddress: contracts.flowAddress }
  const peers: Peer[] = []
  const startShard = (shardId: number) =>
    startZeroGNode({ ...chain, ...nodeOptions, peers, shard: { shardId, numShard: shards } })
  const node = await startShard(0)
  const others = await Promise.all(Array.from({ length: shards - 1 }, (_, i) => startShard(i + 1)))
  const kv = streamIds && (await startKvNode({ ...chain, source: node, streamIds }))
  const opened: ZeroG[] = []
  return {
    ...contracts,
    rpcUrl,
    local,
    node,
    /** All of them, by their shard. */
    nodes: [node, ...others],
    kv,
    /** Opens the adapter with the second account unless told otherwise. */
    open(overrides: Partial<ZeroGOptions> = {}): ZeroG {
      const storage = createZeroG({
        rpcUrl,
        chainId: storageChainId,
        indexerUrl: node.url,
        kvUrl: kv?.url,
        flowAddress: contracts.flowAddress,
        signerKey: keyOf(1),
        gasLimit: 1_000_000n,
        maxGasPriceWei: 1_000_000_000_000n,
        uploadTimeoutMs: 60_000,
        clock: systemClock,
        ...overrides,
      })
      opened.push(storage)
      return storage
    },
    /** Submissions on chain. */
    async submissions(): Promise<number> {
      return Number(await readFlow(rpcUrl, contracts.flowAddress, 'numSubmissions'))
    },
    async stop(): Promise<void> {
      await Promise.all(opened.map((storage) => storage.close()))
      await Promise.all([node, ...others, ...(kv ? [kv] : [])].map((one) => one.stop()))
      await anvil.stop()
    },
  }
}

/** A started bed. */
export type StorageBed = Awaited<ReturnType<typeof startStorageBed>>

/** A bed that the end of the test clears away. */
export async function bedFor(
  onTestFinished: (clear: () => Promise<void>) => void,
  options: Parameters<typeof startStorageBed>[0] = {},
): Promise<StorageBed> {
  const bed = await startStorageBed(options)
  onTestFinished(() => bed.stop())
  return bed
}

/** A submission as the contract takes it. */
export function submissionOf(bytes: Uint8Array, submitter: Address, tags: Hex = '0x') {
  const nodes = submissionNodes(bytes).map(({ root, height }) => ({ root, height: BigInt(height) }))
  return { data: { length: BigInt(bytes.length), tags, nodes }, submitter }
}

/** What a submission costs. */
export function feeOf(submission: ReturnType<typeof submissionOf>): bigint {
  return submission.data.nodes.reduce((sum, node) => sum + 2n ** node.height, 0n) * turboPricePerSector
}

/** Submits without the SDK and waits for the receipt; throws the contract's error when it would revert. */
export async function submitDirectly(options: {
  rpcUrl: string
  flowAddress: Address
  submission: ReturnType<typeof submissionOf>
  value?: bigint
}): Promise<{ root: Hex; hash: Hex }> {
  const { rpcUrl, flowAddress: address, submission } = options
  const account = privateKeyToAccount(keyOf(2))
  const chain = createPublicClient({ transport: http(rpcUrl), pollingInterval: 20 })
  const value = options.value ?? feeOf(submission)
  const call = { ...flowArtifact, address, functionName: 'submit', args: [submission], value, account } as const
  await chain.simulateContract(call)
  const hash = await createWalletClient({ transport: http(rpcUrl) }).writeContract({ ...call, chain: null })
  await chain.waitForTransactionReceipt({ hash })
  return { root: foldNodeRoots(submission.data.nodes.map((node) => node.root)), hash }
}

async function readFlow(rpcUrl: string, address: Address, functionName: string): Promise<unknown> {
  const abi: Abi = flowArtifact.abi
  return createPublicClient({ transport: http(rpcUrl) }).readContract({ abi, address, functionName })
}

/** One JSON-RPC call as a client makes it: the result, or the error as the node worded it. */
export async function rpc(node: Pick<ZeroGNode, 'url'>, method: string, ...params: unknown[]) {
  const response = await fetch(node.url, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 17_000_000_000_000_002, method, params }),
  })
  return (await response.json()) as {
    id: number
    result?: unknown
    error?: { code: number; message: string; data?: unknown }
  }
}

/** A clock whose `deadlineMs` comes when the test says so; every other wait is real. */
export function deadlineByHand(deadlineMs: number): { clock: Clock; expire: () => void } {
  const waiting: (() => void)[] = []
  const clock: Clock = {
    now: systemClock.now,
    sleep: (ms, signal) =>
      ms === deadlineMs ? new Promise((resolve) => waiting.push(resolve)) : systemClock.sleep(ms, signal),
  }
  return { clock, expire: () => waiting.splice(0).forEach((end) => void end()) }
}

/** Writes down each payment of a put. */
export const pushHash =
  (hashes: Hex[]) =>
  async (step: PutStep): Promise<void> => {
    if (step.state === 'submitting') hashes.push(step.txHash)
  }

/** Asks until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(20)
}
