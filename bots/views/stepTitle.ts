// What each step of a verification says, in words.
import type { ChainStep } from '../../core/record/verifyAgainstChain.ts'
import type { ByteStep } from '../../core/record/verifyRecord.ts'

const TITLES: Record<ByteStep | ChainStep, string> = {
  bytes: 'The record’s bytes are there',
  length: 'Their length is the sealed one',
  root: 'Their 0G Merkle root is the sealed one',
  hash: 'Their keccak256 is the sealed one',
  canonical: 'They are canonical JSON (RFC 8785)',
  schema: 'They are a decision record',
  replay: 'The same inputs decide the same',
  'job-root': 'The job on chain points at this record',
  'job-terms': 'The job on chain equals the terms',
  'terms-id': 'The terms’ hash is the job’s id',
  'terms-decision': 'The terms name this record',
  'terms-ref': 'The terms carry this reference',
  'terms-mode': 'Tracked or not: terms and record agree',
  'terms-provider': 'Who is paid is who was selected',
  'terms-price': 'The price is the selected one',
  'terms-gpus': 'The GPUs are those selected',
  'terms-seconds': 'The time is the selected one',
  'terms-min-seconds': 'The minimum is the selected one',
  'terms-fee': 'The fee is the selected one',
  'terms-token': 'The token price is the selected one',
  'terms-expiry': 'The terms end with the quote',
}

/** A step that is not listed keeps its own name. */
export const stepTitle = (step: string): string => (TITLES as Readonly<Record<string, string>>)[step] ?? step
