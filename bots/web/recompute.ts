// Recomputes a decision in the reader's browser with the modules of `necto verify`, from whatever can be read.
import type { Hex } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import type { RouterRef } from '../../core/escrow/terms.ts'
import { parseRef } from '../../core/ids.ts'
import { type Bundle, bundleSources, readBundle } from '../../core/record/bundle.ts'
import type { DecisionRecord } from '../../core/record/record.ts'
import { targetByName } from '../../core/record/targetByName.ts'
import { type Verification, type VerifyTarget, verifyDecision } from '../../core/record/verifyDecision.ts'
import type { Step } from '../../core/record/verifyRecord.ts'
import { type ChainReads, hostOf, readerBytes, readerChain } from './readerSources.ts'

/** What is to be checked and where to read; empty texts are not given. */
export interface Asked {
  readonly name: string
  readonly root: Hex | undefined
  readonly rpcUrl: string
  readonly router: RouterRef | undefined
  readonly fromBlock: bigint
  readonly gatewayUrl: string
  readonly copyUrl: string
  readonly txHash: Hex | undefined
  /** A record or a bundle. */
  readonly file: Uint8Array | undefined
}

export interface Recomputed {
  readonly steps: readonly Step[]
  readonly failed?: string
  readonly record?: DecisionRecord
  /** What the chain holds was taken from a bundle. */
  readonly byWord: boolean
  /** Where bytes and chain were read, in words. */
  readonly sources: readonly string[]
}

/**
 * Throws `verify.no-name`, `verify.nothing`, `bundle.invalid` and the signal's reason; everything else that cannot be
 * read is said in the steps.
 */
export async function recompute(asked: Asked, signal: AbortSignal): Promise<Recomputed> {
  if (asked.name && !parseRef(asked.name) && !isHash(asked.name)) {
    throw new NectoError('verify.no-name', `“${asked.name}” is no job reference, on-chain id or root.`)
  }
  if (!asked.name && !asked.root && !asked.file) {
    throw new NectoError('verify.nothing', 'Give a job reference, an on-chain id, a root, or a file.')
  }
  const bundle = asked.file && readBundle(asked.file)
  const bytes = bundle?.record ?? asked.file
  const { chain } = bundle ?? {}
  const router = asked.router ?? (chain && { chainId: chain.chainId, router: chain.router })
  const bytesFrom = new Set<string>(bytes ? [bundle ? 'the bundle' : 'the file that was given'] : [])
  const fetchObject = readerBytes({ ...asked, signal, onSource: (words) => bytesFrom.add(words) })
  const where = router ? `escrow ${router.router} on chain ${router.chainId}` : ''
  const told = router && !asked.router ? ', which the bundle names: compare it with one you trust' : ''

  const done = (verification: Verification, chainFrom: string, byWord = false): Recomputed => {
    const { steps, failed, record } = verification
    const from = [...(bytesFrom.size > 0 ? [`Bytes: ${[...bytesFrom].join('; ')}.`] : []), `Chain: ${chainFrom}.`]
    return { steps, ...(failed && { failed }), ...(record && { record }), byWord, sources: from }
  }

  const opened = await openChain({ asked, bundle, router, signal })
  if (!('why' in opened)) {
    try {
      const target = await targetOf(asked, bytes, opened)
      const verification = await verifyDecision({ target, bytes, sources: { ...opened, fetchObject } })
      return done(verification, `read through ${hostOf(asked.rpcUrl)}, ${where}${told}`)
    } catch (error) {
      // Only the chain's reads throw; what storage does not give is a step.
      signal.throwIfAborted()
      return unread(`${hostOf(asked.rpcUrl)}: ${troubleText(error)}`)
    }
  }
  return unread(opened.why)

  async function unread(why: string): Promise<Recomputed> {
    if (bundle?.chain && router) {
      const sources = bundleSources(bundle, router)
      const verification = await verifyDecision({ target: { kind: 'bytes', bytes: bundle.record }, sources })
      return done(verification, `the bundle’s word, since it was not read (${why}); ${where}${told}`, true)
    }
    return done(await bytesAlone({ asked, bytes, why, fetchObject }), `not read: ${why}`)
  }
}

async function openChain(options: {
  asked: Asked
  bundle: Bundle | undefined
  router: RouterRef | undefined
  signal: AbortSignal
}): Promise<ChainReads | { why: string }> {
  const { asked, bundle, router, signal } = options
  if (!asked.rpcUrl) return { why: 'no RPC endpoint was given' }
  if (!router) return { why: 'no escrow contract was given' }
  try {
    return await readerChain({ ...asked, router, txHash: asked.txHash ?? bundle?.chain?.txHash, signal })
  } catch (error) {
    signal.throwIfAborted()
    return { why: `${hostOf(asked.rpcUrl)}: ${troubleText(error)}` }
  }
}

async function targetOf(asked: Asked, bytes: Uint8Array | undefined, chain: ChainReads): Promise<VerifyTarget> {
  if (asked.name) {
    const named = await targetByName(asked.name, chain)
    if (named) return named
  }
  return asked.root ? { kind: 'root', root: asked.root } : { kind: 'bytes', bytes: bytes ?? new Uint8Array() }
}

/** Bytes and replay, without the chain. */
async function bytesAlone(options: {
  asked: Asked
  bytes: Uint8Array | undefined
  why: string
  fetchObject: (root: Hex) => Promise<Uint8Array>
}): Promise<Verification> {
  const { asked, bytes, why, fetchObject } = options
  const root = asked.root ?? (isHash(asked.name) ? (asked.name.toLowerCase() as Hex) : undefined)
  if (!root && !bytes) {
    return {
      steps: [{ step: 'bytes', detail: `not judged: this is looked up on the chain, and it was not read: ${why}` }],
    }
  }
  const verification = await verifyDecision({
    target: root ? { kind: 'root', root } : { kind: 'bytes', bytes: bytes ?? new Uint8Array() },
    bytes,
    sources: {
      router: { chainId: 0, router: '0x' },
      fetchObject,
      findFunding: async () => [],
      readJob: async () => undefined,
    },
  })
  const steps = verification.steps.map((one) =>
    one.step === 'job-root' ? { ...one, detail: `not judged: the chain was not read: ${why}` } : one,
  )
  return { ...verification, steps }
}

const isHash = (text: string): boolean => /^0x[0-9a-f]{64}$/i.test(text)

/** What went wrong, in words for the reader. */
export const troubleText = (error: unknown): string => (error instanceof NectoError ? error.message : errorText(error))
