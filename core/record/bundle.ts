// A bundle: one file with a record's bytes and what the chain said of its job, for checking where there is no network.
import { z } from 'zod'
import { address, bytes32, microUsdPerJobHour } from '../codecs.ts'
import { errorText, NectoError } from '../errors.ts'
import { type RouterRef, refKey, termsSchema } from '../escrow/terms.ts'
import { splitPages } from './pages.ts'
import type { ChainFacts, VerifySources } from './verifyDecision.ts'

/** The format's name, and how a bundle is told from a record. */
export const BUNDLE_FORMAT = 'necto.bundle/1'

const count = z.int().nonnegative()
// What is compared; the rest of a job record is not kept.
const jobRecord = z.object({
  id: bytes32,
  refundTo: address,
  provider: bytes32,
  gpuCount: count,
  pricePerHour: microUsdPerJobHour,
  maxSeconds: count,
  minSeconds: count,
  feeBps: count,
  decisionRoot: bytes32,
  tracked: z.boolean(),
  memberTag: bytes32.optional(),
})

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)
const base64 = z.codec(z.base64(), bytes, {
  decode: (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
  encode: (value) => btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')),
})

const bundleSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  /** The record's bytes; its pages and its manifest follow from them. */
  record: base64,
  /** What the chain said when the bundle was written; absent when nothing was paid for. No proof: anybody can write it. */
  chain: z
    .strictObject({
      chainId: z.int().positive(),
      router: address,
      id: bytes32,
      terms: termsSchema,
      job: jobRecord,
      /** Where the payment stands on the chain. */
      txHash: bytes32.optional(),
    })
    .optional(),
})
export type Bundle = z.output<typeof bundleSchema>

/** The bundle's text. `chain` is what a verification read, on the router's chain. */
export function writeBundle(options: { bytes: Uint8Array; chain?: ChainFacts | undefined; router: RouterRef }): string {
  const { bytes, chain, router } = options
  const bundle: Bundle = { format: BUNDLE_FORMAT, record: bytes, ...(chain && { chain: toChain(chain, router) }) }
  return `${JSON.stringify(z.encode(bundleSchema, bundle), null, 1)}\n`
}

function toChain({ funding, jobRecord: job }: ChainFacts, { chainId, router }: RouterRef): Bundle['chain'] {
  const { id, terms, at } = funding
  return { chainId, router, id, terms, job, ...(at && { txHash: at.transactionHash }) }
}

/** A dropped file as a bundle; undefined when it is none, so perhaps a record. Throws `bundle.invalid` for a broken one. */
export function readBundle(bytes: Uint8Array): Bundle | undefined {
  const text = new TextDecoder().decode(bytes)
  if (!text.slice(0, 100).includes('"format"') || !text.includes(BUNDLE_FORMAT)) return undefined
  try {
    return bundleSchema.parse(JSON.parse(text))
  } catch (cause) {
    const details = cause instanceof z.ZodError ? z.prettifyError(cause) : errorText(cause)
    throw new NectoError('bundle.invalid', `This bundle cannot be read: ${details}`, { cause })
  }
}

/** Reads from a bundle alone. What it says of the chain is its word; `router` is whose jobs count. */
export function bundleSources(bundle: Bundle, router: RouterRef): VerifySources {
  const { record, chain } = bundle
  const objects = new Map(record.length > 0 ? splitPages(record).objects.map(({ root, bytes }) => [root, bytes]) : [])
  return {
    router,
    async fetchObject(root) {
      const bytes = objects.get(root)
      if (!bytes) throw new NectoError('bundle.other-record', 'The bundle holds another record.')
      return bytes
    },
    async findFunding(by) {
      if (!chain || ('id' in by ? by.id !== chain.id : refKey(by.ref) !== chain.terms.ref)) return []
      return [{ id: chain.id, terms: chain.terms }]
    },
    readJob: async (id) => (chain && id === chain.id ? { ...chain.job, memberTag: chain.job.memberTag } : undefined),
  }
}

const BY_ITSELF: ReadonlySet<string> = new Set(['bytes', 'canonical', 'schema', 'replay'])

/** Whether a step compares with what is said of the chain; the others need the record's bytes and nothing else. */
export const restsOnChain = (step: string): boolean => !BY_ITSELF.has(step)
