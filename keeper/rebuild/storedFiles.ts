// What 0G holds of a job: its decision and the evidence of its run, verified, and kept here again as our own copies.
import type { Hex } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import { evidenceSchema, type PublicEvidence } from '../../core/jobs/publicEvidence.ts'
import { getUploaded, objectBlob, type Upload } from '../../core/jobs/upload.ts'
import { parseCanonical } from '../../core/record/canonicalJson.ts'
import { joinPages, splitPages } from '../../core/record/pages.ts'
import { type DecisionRecord, recordSchema } from '../../core/record/record.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'
import type { JobStory } from './jobStories.ts'

/** Something that a job should have on 0G and that could not be had. */
export interface Missing {
  readonly ref: string
  readonly what: 'decision' | 'evidence'
  readonly root: Hex
  readonly why: string
}

// So many in a row without an answer, and the others are not asked for: each may take most of a minute.
const GIVE_UP_AFTER = 4
const AWAY = ['zerog.unavailable', 'zerog.timeout']
const NO_ROOT = /^0x0*$/

export type StoredFiles = ReturnType<typeof createStoredFiles>

/** Our own copy is looked at first, so that an interrupted rebuild goes on where it was. */
export function createStoredFiles(options: {
  context: Pick<JobsContext, 'uploads' | 'blobs'>
  zeroG: Pick<ZeroG, 'get' | 'status'>
  signal: AbortSignal
}) {
  const { context, zeroG, signal } = options
  let silences = 0

  async function ask<T>(read: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (silences >= GIVE_UP_AFTER) throw new NectoError('rebuild.away', 'Storage does not answer.', { retry: 'later' })
    try {
      const answer = await read()
      silences = 0
      return answer
    } catch (error) {
      signal.throwIfAborted()
      silences = error instanceof NectoError && AWAY.includes(error.code) ? silences + 1 : 0
      throw error
    }
  }

  const get = (root: Hex, expect: { expectLength?: number } = {}) => ask(() => zeroG.get(root, { ...expect, signal }))

  /** The bytes first and then the document that says they are here. */
  async function keep(kind: Upload['kind'], ref: string, bytes: Uint8Array): Promise<void> {
    const { root, length, hash, objects } = splitPages(bytes)
    for (const object of objects) await context.blobs.put(objectBlob(object.root), object.bytes)
    // Only which submission it was is lost when that is not said.
    const status = await ask(() => zeroG.status(root)).catch(() => undefined)
    signal.throwIfAborted()
    const txSeq = status?.txSeq ?? undefined
    await context.uploads.insert(root, {
      ...{ kind, ref, root, length, hash, attempts: 0, nextAttemptMs: 0, state: 'stored' },
      objects: objects.map((object) => ({ root: object.root, state: 'finalized' as const })),
      ...(txSeq !== undefined && { txSeq }),
    })
  }

  return {
    /** The decision that was paid for; undefined when it was told to `miss`. */
    async decision({ ref, funded }: JobStory, miss: (missing: Missing) => void): Promise<Decision | undefined> {
      const { decisionRoot: root, decisionHash: hash, decisionLength: length } = funded.terms
      try {
        const own = await getUploaded({ ...context, root }).catch(() => undefined)
        const bytes = own ?? (await joinPages({ root, hash, length, fetch: get }))
        const record = recordSchema.parse(parseCanonical(bytes))
        if (record.ref !== ref) throw new Error(`it is the decision of ${record.ref}`)
        if (!own) await keep('record', ref, bytes)
        return { record, txSeq: (await context.uploads.get(root))?.value.txSeq }
      } catch (error) {
        signal.throwIfAborted()
        miss({ ref, what: 'decision', root, why: errorText(error) })
        return undefined
      }
    },

    /** The evidence of a settled job; undefined also when there is none. */
    async evidence({ ref, end }: JobStory, miss: (missing: Missing) => void): Promise<PublicEvidence | undefined> {
      if (end?.name !== 'JobSettled' || NO_ROOT.test(end.evidenceRoot)) return undefined
      const root = end.evidenceRoot
      try {
        const own = await getUploaded({ ...context, root }).catch(() => undefined)
        const bytes = own ?? (await get(root))
        const evidence = evidenceSchema.parse(parseCanonical(bytes))
        if (evidence.jobId !== end.id) throw new Error(`it is the evidence of ${evidence.jobId}`)
        if (!own) await keep('evidence', ref, bytes)
        return evidence
      } catch (error) {
        signal.throwIfAborted()
        miss({ ref, what: 'evidence', root, why: errorText(error) })
        return undefined
      }
    },
  }
}

export interface Decision {
  readonly record: DecisionRecord
  /** Which submission on 0G it was. */
  readonly txSeq: number | undefined
}
