// Verifies a record against the escrow: the job record on chain, and the terms that were paid for.
import { type Hex, zeroHash } from 'viem'
import type { JobRecord } from '../escrow/jobRecord.ts'
import { priceAssetKey, refKey, type Terms } from '../escrow/terms.ts'
import type { DecisionRecord, Selection } from './record.ts'
import { firstFailed, type Step, type VerifiedBytes } from './verifyRecord.ts'

export type ChainStep =
  | 'job-root'
  | 'job-terms'
  | 'terms-id'
  | 'terms-decision'
  | 'terms-ref'
  | 'terms-mode'
  | 'terms-provider'
  | 'terms-price'
  | 'terms-gpus'
  | 'terms-seconds'
  | 'terms-min-seconds'
  | 'terms-fee'
  | 'terms-token'
  | 'terms-expiry'

/** The parts of the job record on chain that are compared. */
export type ComparedJob = Pick<
  JobRecord,
  | 'id'
  | 'refundTo'
  | 'provider'
  | 'gpuCount'
  | 'pricePerHour'
  | 'maxSeconds'
  | 'minSeconds'
  | 'feeBps'
  | 'decisionRoot'
  | 'tracked'
  | 'memberTag'
>

/**
 * Checks that the job on chain points at this record and that its terms equal the record's selection. `termsId` is
 * `hashTerms` of the terms on that chain and router: without that step, terms could be anybody's.
 */
export function verifyAgainstChain(options: {
  record: DecisionRecord
  /** As found from the record's bytes. */
  sealed: VerifiedBytes['found']
  terms: Terms
  termsId: Hex
  jobRecord: ComparedJob
}): { steps: Step<ChainStep>[]; failed?: ChainStep } {
  const { record, sealed, terms, termsId, jobRecord } = options
  const { selection } = record
  const steps: Step<ChainStep>[] = [
    equal('job-root', { recorded: sealed.root, onChain: jobRecord.decisionRoot }),
    jobTermsStep(jobRecord, terms),
    equal('terms-id', { recorded: termsId, onChain: jobRecord.id }),
    equal('terms-decision', {
      recorded: `${sealed.root} ${sealed.hash} ${sealed.length}`,
      onChain: `${terms.decisionRoot} ${terms.decisionHash} ${terms.decisionLength}`,
    }),
    equal('terms-ref', { recorded: refKey(record.ref), onChain: terms.ref }),
    equal('terms-mode', {
      recorded: modeText(record.user !== undefined, record.user?.member.tag ?? zeroHash),
      onChain: modeText(terms.tracked, terms.memberTag),
    }),
    ...selectionSteps(selection, terms),
  ]
  const failed = firstFailed(steps)
  return { steps, ...(failed && { failed }) }
}

function selectionSteps(selection: Selection | undefined, terms: Terms): Step<ChainStep>[] {
  const against = (step: ChainStep, read: (selection: Selection) => unknown, onChain: unknown): Step<ChainStep> =>
    selection ? equal(step, { recorded: read(selection), onChain }) : nothingSelected(step)
  return [
    against('terms-provider', ({ payee }) => payee, terms.provider),
    against('terms-price', ({ usdPerHour }) => usdPerHour, terms.pricePerHour),
    against('terms-gpus', ({ gpuCount }) => gpuCount, terms.gpuCount),
    against('terms-seconds', ({ maxSeconds }) => maxSeconds, terms.maxSeconds),
    against('terms-min-seconds', ({ minSeconds }) => minSeconds, terms.minSeconds),
    against('terms-fee', ({ feeBps }) => feeBps, terms.feeBps),
    against('terms-token', tokenText, `${terms.priceAsset} ${terms.tokenPrice}`),
    expiryStep(selection, terms),
  ]
}

const tokenText = ({ priceAsset = 'USD', tokenPrice = 0n }: Selection) => `${priceAssetKey(priceAsset)} ${tokenPrice}`
const modeText = (tracked: boolean, tag: Hex | undefined) => `${tracked ? 'tracked' : 'untracked'} ${tag ?? zeroHash}`

const nothingSelected = (step: ChainStep): Step<ChainStep> => ({
  step,
  ok: false,
  detail: 'the decision selected nothing, so nothing could be paid for',
})

function expiryStep(selection: Selection | undefined, terms: Terms): Step<ChainStep> {
  const step = 'terms-expiry'
  if (!selection) return nothingSelected(step)
  const ok = terms.fundBy * 1000n <= BigInt(selection.expiresAtMs)
  return { step, ok, detail: `the quote ends ${selection.expiresAtMs} ms, the terms ${terms.fundBy} s` }
}

function jobTermsStep(job: ComparedJob, terms: Terms): Step<ChainStep> {
  const text = (of: ComparedJob | Terms) =>
    [of.provider, of.pricePerHour, of.gpuCount, of.maxSeconds, of.minSeconds, of.feeBps, of.refundTo.toLowerCase()]
      .concat(of.decisionRoot, modeText(of.tracked, of.memberTag))
      .join(' ')
  const compared = equal('job-terms', { recorded: text(terms), onChain: text(job) })
  // The values stand one by one in the steps below; here only a difference is worth the whole line.
  return compared.ok ? { ...compared, detail: 'the job record holds what the terms say' } : compared
}

function equal(step: ChainStep, { recorded, onChain }: { recorded: unknown; onChain: unknown }): Step<ChainStep> {
  const ok = String(recorded).toLowerCase() === String(onChain).toLowerCase()
  return { step, ok, detail: ok ? String(onChain) : `expected ${recorded}, on chain ${onChain}` }
}
