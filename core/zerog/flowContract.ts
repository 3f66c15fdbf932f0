// The part of 0G's Flow contract that an upload touches.
import { type Address, type Hex, parseAbi, parseEventLogs, type TransactionReceipt, toFunctionSelector } from 'viem'

const flowAbi = parseAbi([
  'struct SubmissionNode { bytes32 root; uint256 height; }',
  'struct SubmissionData { uint256 length; bytes tags; SubmissionNode[] nodes; }',
  'struct Submission { SubmissionData data; address submitter; }',
  'function submit(Submission submission) payable returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length)',
  'event Submit(address indexed sender, bytes32 indexed identity, uint256 submissionIndex, uint256 startPos, uint256 length, SubmissionData submission)',
])

/** The selector of `submit` since the contract took a submitter (0xbc8c11f8). */
export const submitSelector: Hex = toFunctionSelector(flowAbi[0])

/** The sequence number the contract gave a submission; undefined when the receipt holds none of this contract. */
export function submissionSeq(receipt: TransactionReceipt, flowAddress: Address): number | undefined {
  const logs = receipt.logs.filter((log) => log.address.toLowerCase() === flowAddress.toLowerCase())
  const [event] = parseEventLogs({ abi: flowAbi, eventName: 'Submit', logs })
  return event && Number(event.args.submissionIndex)
}
