// Verifies a record from its bytes alone: each step judged by itself, none trusting another.
import { type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import { errorText } from '../errors.ts'
import { canonicalBytes } from './canonicalJson.ts'
import { splitPages } from './pages.ts'
import { type DecisionRecord, recordSchema } from './record.ts'
import { replay } from './replay.ts'

/** One step of a verification. `ok` is absent when it could not be judged, and `detail` says why. */
export interface Step<Name extends string = string> {
  step: Name
  ok?: boolean
  /** For people: what was compared, what was found. */
  detail: string
}

export type ByteStep = 'bytes' | 'length' | 'root' | 'hash' | 'canonical' | 'schema' | 'replay'

export interface VerifiedBytes {
  steps: Step<ByteStep>[]
  /** The first step that failed; absent when none did. */
  failed?: ByteStep
  /** What the bytes really have. */
  found: { length: number; root?: Hex; hash: Hex }
  /** Present when the schema holds. */
  record?: DecisionRecord
}

/** Checks bytes against what is expected of them; what is not given is not judged. */
export function verifyBytes(options: {
  bytes: Uint8Array
  expected?: { length?: number | undefined; root?: Hex | undefined; hash?: Hex | undefined }
}): VerifiedBytes {
  const { bytes, expected = {} } = options
  const found = { length: bytes.length, ...hashesOf(bytes) }
  const json = readJson(bytes)
  const parsed = 'value' in json ? recordSchema.safeParse(json.value) : undefined
  const record = parsed?.success ? parsed.data : undefined
  const steps: Step<ByteStep>[] = [
    { step: 'bytes', ok: bytes.length > 0, detail: bytes.length > 0 ? `${bytes.length} bytes` : 'there are none' },
    compare('length', expected.length, found.length),
    compare('root', expected.root, found.root),
    compare('hash', expected.hash, found.hash),
    canonicalStep(json, bytes),
    schemaStep(parsed),
    replayStep(record),
  ]
  const failed = firstFailed(steps)
  return { steps, ...(failed && { failed }), found, ...(record && { record }) }
}

function hashesOf(bytes: Uint8Array): { root?: Hex; hash: Hex } {
  // Nothing has a hash, but no root.
  if (bytes.length === 0) return { hash: keccak256(bytes) }
  const { root, hash } = splitPages(bytes)
  return { root, hash }
}

/** The name of the first failed step. */
export const firstFailed = <Name extends string>(steps: readonly Step<Name>[]): Name | undefined =>
  steps.find(({ ok }) => ok === false)?.step

type Json = { value: unknown } | { why: string }

function readJson(bytes: Uint8Array): Json {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) }
  } catch (error) {
    return { why: errorText(error) }
  }
}

function compare<Name extends string>(step: Name, expected: unknown, found: unknown): Step<Name> {
  if (expected === undefined) return { step, detail: `${found}; there is nothing to compare it with` }
  if (found === expected) return { step, ok: true, detail: String(found) }
  return { step, ok: false, detail: `expected ${expected}, found ${found ?? 'none'}` }
}

function canonicalStep(json: Json, bytes: Uint8Array): Step<ByteStep> {
  const step = 'canonical'
  if ('why' in json) return { step, ok: false, detail: `not JSON: ${json.why}` }
  try {
    const again = canonicalBytes(json.value)
    const same = again.length === bytes.length && again.every((byte, i) => byte === bytes[i])
    return { step, ok: same, detail: same ? 'RFC 8785' : 'the text is JSON, but not in canonical form' }
  } catch (error) {
    return { step, ok: false, detail: errorText(error) }
  }
}

function schemaStep(parsed: ReturnType<typeof recordSchema.safeParse> | undefined): Step<ByteStep> {
  const step = 'schema'
  if (!parsed) return { step, detail: 'not judged: the bytes are not JSON' }
  if (parsed.success) return { step, ok: true, detail: parsed.data.schema }
  return { step, ok: false, detail: z.prettifyError(parsed.error) }
}

function replayStep(record: DecisionRecord | undefined): Step<ByteStep> {
  const step = 'replay'
  if (!record) return { step, detail: 'not judged: there is no valid record' }
  try {
    const result = replay(record)
    if (result.same) {
      return { step, ok: true, detail: `engine ${record.engine} decides the same on ${record.offers.length} offers` }
    }
    const [recorded, computed] = [result.recorded, result.computed].map((value) => JSON.stringify(value) ?? 'nothing')
    return { step, ok: false, detail: `${result.path}: the record says ${recorded}, the engine ${computed}` }
  } catch (error) {
    // A forged record can hold values that no honest input has, such as an instant that no calendar holds.
    return { step, ok: false, detail: `the engine cannot run on it: ${errorText(error)}` }
  }
}
