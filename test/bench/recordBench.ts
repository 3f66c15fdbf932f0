// Sealing, replaying and verifying a record of 2,000 offers, over writing the same record as plain JSON and back.
import { replay } from '../../core/record/replay.ts'
import { type SealInput, seal } from '../../core/record/seal.ts'
import { verifyBytes } from '../../core/record/verifyRecord.ts'
import type { Bench, Row } from './bench.ts'
import { largeMarket, nowMs, policy, tokens, typicalAsk } from './largeMarket.ts'
import { measure } from './measure.ts'

const OFFERS = 2_000
const REPLAY_AIM_MS = 150
const PROVIDERS = ['akash', 'necto', 'aws-spot', 'ionet', 'nosana', 'render']

export const recordBench: Bench = {
  name: 'record',
  about: 'seal, replay and verify a decision on 2,000 offers of the asked GPU',
  async run() {
    const input: SealInput = {
      ref: 'K7QF-3M2P',
      sequence: 1,
      createdAtMs: nowMs,
      ask: typicalAsk,
      providers: PROVIDERS.map((id) => ({ id, outcome: 'answered', evidence: [], ageMs: 0 })),
      offers: largeMarket({ size: OFFERS, ask: typicalAsk, family: 'h100' }).offers,
      tokens,
      policy,
    }
    const { record, bytes, root, hash, length } = seal(input)
    const expected = { root, hash, length }
    const plain = await timed(() => JSON.parse(new TextDecoder().decode(bytes)))
    const kib = `${Math.round(bytes.length / 1024).toLocaleString('en')} KiB`
    const row = async (what: string, run: () => unknown): Promise<Row> => {
      const measured = await timed(run)
      return { what, unit: 'ms', ...measured, ratio: { value: measured.median / plain.median, to: 'JSON.parse' } }
    }
    return [
      await row(`seal ${OFFERS} offers (${kib})`, () => seal(input)),
      {
        ...(await row('replay it', () => {
          if (!replay(record).same) throw new Error('it does not replay')
        })),
        aim: REPLAY_AIM_MS,
      },
      await row('verify its bytes, replay included', () => {
        if (verifyBytes({ bytes, expected }).failed) throw new Error('it does not verify')
      }),
    ]
  },
}

const timed = (run: () => unknown) => measure({ runs: 20, warmUps: 5, prepare: () => undefined, run })
