// An Automate contract on a local chain, and the executor that Gelato ran for it: asks resolvers, executes what they allow.
import { type Address, decodeAbiParameters, encodeFunctionData, type Hex, type LocalAccount, parseAbi } from 'viem'
import type { LocalChain } from '../chain/anvil.ts'
import { automateArtifact } from '../contracts/artifacts.ts'

const RESOLVER = 0
const resolverArgs = [{ type: 'address' }, { type: 'bytes' }] as const
const resolverAnswer = [{ type: 'bool' }, { type: 'bytes' }] as const
const { abi } = automateArtifact
const automateEvents = parseAbi([
  'struct ModuleData { uint8[] modules; bytes[] args; }',
  'event TaskCreated(address indexed taskCreator, address indexed execAddress, bytes execDataOrSelector, ModuleData moduleData, address feeToken, bytes32 indexed taskId)',
])

/** One task that a resolver allowed: what was executed, in which transaction. */
export interface Executed {
  readonly taskId: Hex
  readonly payload: Hex
  readonly hash: Hex
}

export type AutomateWorld = Awaited<ReturnType<typeof startAutomate>>

/** Deploys it; `executor` is the one account that it takes executions from. */
export async function startAutomate(chain: LocalChain, executor: LocalAccount) {
  const { client } = chain
  const receipt = await chain
    .wallet(executor)
    .deployContract({ abi, bytecode: automateArtifact.bytecode, args: [executor.address] })
    .then((hash) => client.waitForTransactionReceipt({ hash }))
  if (!receipt.contractAddress) throw new Error('Automate was not deployed')
  const address: Address = receipt.contractAddress

  const taskIds = (creator: Address) =>
    client.readContract({ address, abi, functionName: 'getTaskIdsByUser', args: [creator] })

  async function readTasks() {
    const [event] = automateEvents
    const logs = await client.getLogs({ address, event, strict: true, fromBlock: receipt.blockNumber })
    const tasks = await Promise.all(
      logs.map(async ({ args }) => ((await taskIds(args.taskCreator)).includes(args.taskId) ? [args] : [])),
    )
    return tasks.flat()
  }

  return {
    address,
    taskIds,
    /** The caller that a creator's tasks have. */
    proxyOf: (creator: Address) => client.readContract({ address, abi, functionName: 'proxyOf', args: [creator] }),
    /** One round of the executor over every task that stands. */
    async tick(): Promise<Executed[]> {
      const executed: Executed[] = []
      for (const { taskId, taskCreator, execAddress, moduleData, feeToken } of await readTasks()) {
        const place = moduleData.modules.indexOf(RESOLVER)
        const [resolver, question] = decodeAbiParameters(resolverArgs, moduleData.args[place] ?? '0x')
        const { data = '0x' } = await client.call({ to: resolver, data: question })
        const [canExec, payload] = decodeAbiParameters(resolverAnswer, data)
        if (!canExec) continue
        const args = [taskCreator, execAddress, payload, moduleData, 0n, feeToken, true] as const
        const sent = await chain.send(executor, address, encodeFunctionData({ abi, functionName: 'exec', args }))
        executed.push({ taskId, payload, hash: sent.transactionHash })
      }
      return executed
    },
  }
}
