// Replays a record: the same inputs through the same engine must give the same outputs.
import { engines } from './engines.ts'
import { type DecisionOutputs, type DecisionRecord, outputsSchema } from './record.ts'
import { toJson, toJsonText } from './recordJson.ts'

export type Replay =
  | { same: true }
  /** `path` is where record and recomputation first differ ("quotes[3].usdPerHour"); undefined values are absent ones. */
  | { same: false; path: string; recorded: unknown; computed: unknown }

/** Re-runs pricing and routing with the record's own engine. */
export function replay(record: DecisionRecord): Replay {
  const engine = engines[record.engine]
  if (!engine) return { same: false, path: 'engine', recorded: record.engine, computed: undefined }
  const { quotes, verdicts, ranking, selection } = record
  const recorded: DecisionOutputs = { quotes, verdicts, ranking, selection }
  const computed = engine(record).outputs
  if (toJsonText(outputsSchema, recorded) === toJsonText(outputsSchema, computed)) return { same: true }
  const found = firstDifference(toJson(outputsSchema, recorded), toJson(outputsSchema, computed), '')
  return found ? { same: false, ...found } : { same: true }
}

interface Difference {
  path: string
  recorded: unknown
  computed: unknown
}

function firstDifference(recorded: unknown, computed: unknown, path: string): Difference | undefined {
  if (Object.is(recorded, computed)) return undefined
  if (!isBranch(recorded) || !isBranch(computed) || Array.isArray(recorded) !== Array.isArray(computed)) {
    return { path, recorded, computed }
  }
  const keys = new Set([...Object.keys(recorded), ...Object.keys(computed)])
  for (const key of keys) {
    const inner = Array.isArray(recorded) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const found = firstDifference(recorded[key], computed[key], inner)
    if (found) return found
  }
  return undefined
}

const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
