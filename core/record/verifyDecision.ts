// The whole verification of a decision: bytes, replay, chain. Reads through what it is given, so it runs anywhere.
import type { Hex } from 'viem'
import { errorText, NectoError } from '../errors.ts'
import type { RouterEventOf } from '../escrow/events.ts'
import { hashTerms, type RouterRef } from '../escrow/terms.ts'
import { joinPages, pageBytes } from './pages.ts'
import type { DecisionRecord } from './record.ts'
import { type ComparedJob, verifyAgainstChain } from './verifyAgainstChain.ts'
import { firstFailed, type Step, verifyBytes } from './verifyRecord.ts'

/** What the chain's log says was paid for. */
export type Funding = Pick<RouterEventOf<'JobFunded'>, 'id' | 'terms'> & Partial<Pick<RouterEventOf<'JobFunded'>, 'at'>>

/** A job as the chain holds it. */
export interface ChainFacts {
  readonly funding: Funding
  readonly jobRecord: ComparedJob
}

/** What is to be verified: a job by ref or id, stored bytes by their root, or bytes at hand. */
export type VerifyTarget =
  | { readonly kind: 'ref'; readonly ref: string }
  | { readonly kind: 'id'; readonly id: Hex }
  | { readonly kind: 'root'; readonly root: Hex }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

/** Where to read from. None of them is Necto's server, and nothing they answer is believed unchecked. */
export interface VerifySources {
  /** One stored object by its root. */
  fetchObject(root: Hex, signal?: AbortSignal): Promise<Uint8Array>
  findFunding(by: { id: Hex } | { ref: string }): Promise<Funding[]>
  readJob(id: Hex): Promise<ComparedJob | undefined>
  readonly router: RouterRef
}

export interface Verification {
  readonly steps: readonly Step[]
  /** The first step that failed; absent when none did. */
  readonly failed?: string
  readonly record?: DecisionRecord
  readonly jobId?: Hex
  /** What was read, for a bundle: the record's bytes, and the job as the chain holds it. */
  readonly bytes?: Uint8Array
  readonly chain?: ChainFacts
}

type RecordRead = { readonly bytes: Uint8Array } | { readonly step: string; readonly why: string }

/** Runs every step; `bytes` replaces what storage would give, to check a copy at hand against the chain. */
export async function verifyDecision(options: {
  target: VerifyTarget
  bytes?: Uint8Array | undefined
  sources: VerifySources
}): Promise<Verification> {
  const { target, sources } = options
  const given = options.bytes ?? (target.kind === 'bytes' ? target.bytes : undefined)
  const named = await findByName(target, sources)
  if (named === 'unknown') {
    return failedAt('job', 'no payment for such a job is on this chain; check the reference, the router and the chain')
  }
  const root = named?.terms.decisionRoot ?? (target.kind === 'root' ? target.root : undefined)
  const read: RecordRead = given
    ? { bytes: given }
    : root
      ? await fetchRecord({ root, terms: named?.terms, sources })
      : { step: 'bytes', why: 'there is nothing to read' }
  if ('why' in read) return failedAt(read.step, read.why)
  const funding = named ?? (await findByBytes(read.bytes, target, sources))
  const terms = funding?.terms
  const expected = terms
    ? { length: terms.decisionLength, root: terms.decisionRoot, hash: terms.decisionHash }
    : { root }
  const checked = verifyBytes({ bytes: read.bytes, expected })
  const { record } = checked
  const { bytes } = read
  if (!funding || !record) {
    const why = record ? 'not judged: nothing was paid for this decision' : 'not judged: there is no valid record'
    return { ...result([...checked.steps, { step: 'job-root', detail: why }], record), bytes }
  }
  const jobRecord = await sources.readJob(funding.id)
  if (!jobRecord) {
    const unknown = { step: 'job-root', ok: false, detail: `the router knows no job ${funding.id}` }
    return { ...result([...checked.steps, unknown], record), bytes }
  }
  const chain = verifyAgainstChain({
    record,
    sealed: checked.found,
    terms: funding.terms,
    termsId: hashTerms({ terms: funding.terms, ...sources.router }),
    jobRecord,
  })
  const whole = result([...checked.steps, ...chain.steps], record)
  return { ...whole, jobId: funding.id, bytes, chain: { funding, jobRecord } }
}

async function findByName(target: VerifyTarget, sources: VerifySources): Promise<Funding | 'unknown' | undefined> {
  if (target.kind === 'ref') return (await sources.findFunding({ ref: target.ref }))[0] ?? 'unknown'
  if (target.kind === 'id') return (await sources.findFunding({ id: target.id }))[0] ?? 'unknown'
  return undefined
}

/** Bytes and roots name their job inside the record itself, all pages of it read; it may also never have been paid for. */
async function findByBytes(
  bytes: Uint8Array,
  target: VerifyTarget,
  sources: VerifySources,
): Promise<Funding | undefined> {
  const ref = refIn(bytes)
  const found = ref ? await sources.findFunding({ ref }) : []
  return target.kind === 'root' ? found.find(({ terms }) => terms.decisionRoot === target.root) : found[0]
}

function refIn(bytes: Uint8Array): string | undefined {
  return /"ref":"([0-9A-Z]{4}-[0-9A-Z]{4})"/.exec(new TextDecoder().decode(bytes))?.[1]
}

async function fetchRecord(options: {
  root: Hex
  terms: Funding['terms'] | undefined
  sources: VerifySources
}): Promise<RecordRead> {
  const { root, terms, sources } = options
  try {
    const first = await sources.fetchObject(root)
    const manifest = terms ? undefined : manifestOf(first)
    const length = terms?.decisionLength ?? manifest?.bytes ?? first.length
    // A record of one object is judged as it came, so that the steps say what is wrong with it.
    if (length <= pageBytes) return { bytes: first }
    const hash = terms?.decisionHash ?? manifest?.hash ?? root
    const fetch = async (object: Hex) => (object === root ? first : sources.fetchObject(object))
    return { bytes: await joinPages({ root, length, hash, fetch }) }
  } catch (error) {
    const step = error instanceof NectoError ? /^record\.(length|root|hash)-mismatch$/.exec(error.code)?.[1] : undefined
    return { step: step ?? 'bytes', why: `the record could not be read: ${errorText(error)}` }
  }
}

/** A manifest's own word on the record it stands for; only where nothing on chain says it. */
function manifestOf(bytes: Uint8Array): { bytes: number; hash: Hex } | undefined {
  const text = new TextDecoder().decode(bytes)
  const found = /^\{"bytes":(\d{1,10}),"hash":"(0x[0-9a-f]{64})","pages":\[/.exec(text)
  return found ? { bytes: Number(found[1]), hash: found[2] as Hex } : undefined
}

const failedAt = (step: string, detail: string): Verification => ({
  steps: [{ step, ok: false, detail }],
  failed: step,
})

function result(steps: readonly Step[], record: DecisionRecord | undefined): Verification {
  const failed = firstFailed(steps)
  return { steps, ...(failed && { failed }), ...(record && { record }) }
}
