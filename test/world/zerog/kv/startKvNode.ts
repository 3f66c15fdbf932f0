// A 0G key-value node: replays the batches among the flow's submissions for the streams it is set up for.
import type { Address, Hex } from 'viem'
import { type Clock, systemClock } from '../../../../core/clock.ts'
import { foldNodeRoots } from '../../../../core/record/merkleTree.ts'
import { type Faults, noFaults } from '../faults.ts'
import { followFlow, type Submission } from '../followFlow.ts'
import { serveNode } from '../serveNode.ts'
import type { ZeroGNode } from '../startZeroGNode.ts'
import { createKvMethods } from './kvMethods.ts'
import { replayBatch, streamsOf } from './replayBatch.ts'
import { createStreamState } from './streamState.ts'

/** A running node. */
export interface KvNode {
  url: string
  faults: Faults
  requests(): Record<string, number>
  stop(): Promise<void>
}

/** Starts a node that takes the batches' bytes from `source` once they are final there. */
export async function startKvNode(options: {
  rpcUrl: string
  flowAddress: Address
  source: Pick<ZeroGNode, 'peek'>
  streamIds: readonly Hex[]
  clock?: Clock
}): Promise<KvNode> {
  const { source, streamIds, clock = systemClock } = options
  const held = streamIds.map((id) => id.toLowerCase() as Hex)
  const faults: Faults = { ...noFaults }
  const stopping = new AbortController()
  const { signal } = stopping
  let state = createStreamState()
  let applied = 0
  const submissions: Submission[] = []
  const results = new Map<number, string>()

  /** In order: a batch whose data is not there yet holds up all after it. */
  function settle(): void {
    for (; applied < submissions.length; applied++) {
      const submission = submissions[applied]
      const streams = submission ? streamsOf(submission.tags) : []
      if (!submission || streams.length === 0 || !streams.every((id) => held.includes(id))) continue
      const file = source.peek(foldNodeRoots(submission.nodes.map((node) => node.root)))
      if (!file?.final || !file.bytes) return
      results.set(submission.seq, replayBatch({ submission, bytes: file.bytes, state, held }))
    }
  }
  const store = {
    settle,
    addSubmission: (submission: Submission) => void submissions.push(submission),
    forgetSubmissions() {
      submissions.length = 0
      results.clear()
      applied = 0
      state = createStreamState()
    },
  }
  followFlow({ ...options, confirmations: 1, store, faults, clock, signal })
  const methods = createKvMethods({ held, state: () => state, results: () => results, appliedSeq: () => applied })
  const server = await serveNode({ methods, faults, clock, signal })
  return {
    url: server.url,
    faults,
    requests: server.requests,
    async stop() {
      stopping.abort()
      await server.stop()
    },
  }
}
