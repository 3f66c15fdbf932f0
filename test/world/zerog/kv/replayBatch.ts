// One batch against the state so far: committed whole, or dropped whole with the node's words for why.
import { type Hex, hexToString } from 'viem'
import type { Submission } from '../followFlow.ts'
import { type Batch, BatchError, type Control, control, parseBatch } from './parseBatch.ts'
import type { StreamState } from './streamState.ts'

const streamDomain = 'df2ff3bb0af36c6384e6206552a4ed807f6f6a26e7d0aa6bff772ddc9d4307aa'
const controlNames: Record<number, string> = Object.fromEntries(
  Object.entries(control).map(([name, kind]) => [kind, name]),
)
const renouncing: readonly number[] = [control.renounceAdmin, control.renounceWriter, control.renounceKeyWriter]

/** The streams that a submission is marked with; none for a file. */
export function streamsOf(tags: Hex): Hex[] {
  const [domain, ...ids] = tags.slice(2).match(/.{64}/g) ?? []
  return domain === streamDomain && tags.length % 64 === 2 ? ids.map((id) => `0x${id}` as const) : []
}

/** What became of it: "Commit", after which the state has it, or why it was dropped. */
export function replayBatch(options: {
  submission: Submission
  bytes: Uint8Array
  state: StreamState
  /** The streams the node is set up for. */
  held: readonly Hex[]
}): string {
  const { submission, bytes, state, held } = options
  const { seq } = submission
  const payer = lower(submission.payer)
  const streams = streamsOf(submission.tags)
  if (!streams.every((id) => state.canWrite(payer, id))) return 'SenderNoWritePermission'
  let batch: Batch
  try {
    batch = parseBatch(bytes)
  } catch (error) {
    if (error instanceof BatchError) return `DataParseError: ${error.message}`
    throw error
  }
  const isLater = (at: { streamId: Hex; key: Hex }) => BigInt(state.read(at)?.version ?? 0) > batch.version
  for (const read of batch.reads) {
    if (!held.includes(read.streamId)) return 'TagsMismatch'
    if (isLater(read)) return 'VersionConfliction'
  }
  for (const write of batch.writes) {
    if (!streams.includes(write.streamId)) return 'TagsMismatch'
    if (isLater(write)) return 'VersionConfliction'
    if (!state.mayWriteKey(payer, write)) {
      return `WritePermissionDenied: stream: ${write.streamId}, key: ${hexToString(write.key).slice(0, 32)}`
    }
  }
  const fresh = streams.filter(state.isNew)
  const mayControl = (one: Control) =>
    fresh.includes(one.streamId) ||
    state.isAdmin(payer, one.streamId) ||
    renouncing.includes(one.kind) ||
    (one.kind === control.grantWriter && state.isWriter(payer, one.streamId)) ||
    (one.kind === control.grantKeyWriter && state.isKeyWriter(payer, one))
  for (const one of batch.controls) {
    if (!streams.includes(one.streamId)) return 'TagsMismatch'
    if (!mayControl(one)) {
      return `AccessControlPermissionDenied: operation: ${controlNames[one.kind]}, stream: ${one.streamId}, key: ${one.key}, account: ${one.account}`
    }
  }
  // Whoever writes first to a stream owns it.
  for (const streamId of fresh) state.apply({ kind: control.grantAdmin, streamId, key: '0x', account: payer })
  for (const one of batch.controls) {
    state.apply({ ...one, account: renouncing.includes(one.kind) ? payer : one.account })
  }
  for (const { value, ...at } of batch.writes) state.put(at, { version: seq, value })
  return 'Commit'
}

const lower = (address: Hex) => address.toLowerCase() as Hex
