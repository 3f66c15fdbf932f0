// The worker thread that runs the unmodified 0G SDK: its endless waits and its console die with the thread, no key is in it.
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { getFlowContract, Indexer, MemData, Uploader } from '@0gfoundation/0g-ts-sdk'
import { FetchRequest, JsonRpcProvider, Transaction } from 'ethers'
import type { FromWorker, SdkJob, ToWorker } from './sdkMessages.ts'

const rpcTimeoutMs = 15_000

if (!parentPort) throw new Error('sdkWorker.ts runs as a worker thread only')
const port = parentPort
// The SDK tells its whole life story on the console and has no switch for it. Silenced here: a pipe that is read would
// keep a process alive that is done and never said so.
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'dir', 'trace'] as const)
  console[method] = () => undefined
port.on('message', (message: ToWorker) => {
  if (message.type === 'job') void run(message.job)
})

async function run(job: SdkJob): Promise<void> {
  try {
    if (job.kind === 'upload') say({ type: 'uploaded', txSeq: await upload(job) })
    else say({ type: 'downloaded', bytes: await download(job) })
  } catch (error) {
    say({ type: 'failed', message: textOf(error), wrongNetwork: error instanceof WrongNetworkError })
  }
}

async function upload(job: SdkJob & { kind: 'upload' }): Promise<number> {
  const [nodes, selectError] = await new Indexer(job.indexerUrl).selectNodes(1)
  if (selectError) throw selectError
  for (const node of nodes) {
    node.timeout = rpcTimeoutMs
    const { networkIdentity } = await node.getStatus()
    if (networkIdentity.flowAddress.toLowerCase() !== job.flowAddress.toLowerCase()) {
      throw new WrongNetworkError(`node ${node.url} serves flow ${networkIdentity.flowAddress}`)
    }
  }
  const request = new FetchRequest(job.rpcUrl)
  request.timeout = rpcTimeoutMs
  const provider = new JsonRpcProvider(request, job.chainId, { staticNetwork: true })
  // A contract asks no more of its signer than this object has; the SDK's types want a whole ethers Signer.
  const signer = createPortSigner(job.submitter, provider) as unknown as Parameters<typeof getFlowContract>[1]
  // A gas price and limit keep the SDK from asking for them; the process sets its own when it signs.
  const uploader = new Uploader(nodes, job.rpcUrl, getFlowContract(job.flowAddress, signer), 1n, 1n)
  // Its own provider would retry an unreachable chain for ever.
  uploader.provider.destroy()
  uploader.provider = provider as unknown as typeof uploader.provider
  try {
    // skipTx submits only what no node knows yet, so a half-done upload is resumed and never paid for again.
    const options = {
      tags: job.tags,
      submitter: job.submitter,
      finalityRequired: true,
      taskSize: 1,
      expectedReplica: 1,
    }
    const [result, error] = await uploader.uploadFile(new MemData(job.bytes), {
      ...options,
      skipTx: true,
      // Of two shards one is final without a byte of a small file; the SDK would look no further than that one.
      skipIfFinalized: false,
      fee: 0n,
      // The only word it gives between the last segment and finality.
      onProgress: (text) => text.startsWith('Segments uploaded') && say({ type: 'segments-taken' }),
    })
    if (error) throw error
    return result.txSeq
  } finally {
    provider.destroy()
  }
}

async function download(job: SdkJob & { kind: 'download' }): Promise<Uint8Array> {
  const indexer = new Indexer(job.indexerUrl)
  // A failed download is tried again as a whole, with the gateway in between.
  indexer.retry = 1
  const [blob, error] = await indexer.downloadToBlob(job.root)
  if (error) throw error
  return new Uint8Array(await blob.arrayBuffer())
}

class WrongNetworkError extends Error {}

/** A signer without a key: it hands the transaction to the process, which signs and sends it. */
function createPortSigner(address: string, provider: JsonRpcProvider) {
  return {
    provider,
    getAddress: async () => address,
    async sendTransaction(tx: { to?: unknown; data?: unknown; value?: unknown }): Promise<Transaction> {
      const answer = once(port, 'message')
      const data = `0x${String(tx.data).slice(2)}` as const
      say({ type: 'send', transaction: { to: String(tx.to), data, valueWei: BigInt(String(tx.value)) } })
      const [message]: ToWorker[] = await answer
      if (message?.type === 'signed') return Transaction.from(message.raw)
      throw new Error(message?.type === 'refused' ? message.message : 'the transaction got no answer')
    },
  }
}

function say(message: FromWorker): void {
  port.postMessage(message)
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const data = 'data' in error && error.data !== undefined ? ` (${JSON.stringify(error.data)})` : ''
  return `${error.message}${data}`
}
