// Writes a job document for each payment that the chain knows of and the store does not; what is there stays as it is.
import type { Address, Hex } from 'viem'
import { createLinkToken } from '../../core/ids.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import type { Job } from '../../core/jobs/job.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { receiptSigner } from '../../core/supply/receiptSignature.ts'
import { completed } from './completed.ts'
import type { JobStory } from './jobStories.ts'
import { restoreJob } from './restoreJob.ts'
import type { Missing, StoredFiles } from './storedFiles.ts'

// Each waits for storage and a block's time most of the while.
const AT_ONCE = 4

export interface RebuildOptions {
  readonly context: Pick<JobsContext, 'jobs' | 'uploads' | 'blobs' | 'random'>
  readonly chainId: number
  readonly stories: readonly JobStory[]
  readonly stored: StoredFiles
  timeOf(blockNumber: bigint): Promise<number>
  /** Names of providers by id. */
  readonly names: Readonly<Record<string, string>>
  readonly onProgress: (done: number) => void
}

export interface Rebuilt {
  /** Written just now, and those an earlier rebuild wrote and that are whole now. */
  readonly written: readonly Job[]
  readonly completed: readonly Job[]
  /** Written by an earlier rebuild, and as whole as before. */
  readonly kept: readonly Job[]
  /** Not written by a rebuild: left alone. */
  readonly left: readonly Job[]
  readonly missing: readonly Missing[]
}

/** May be stopped anywhere and run again: each document is written whole, and only where there is none. */
export async function rebuildStore(options: RebuildOptions): Promise<Rebuilt> {
  const { stories, onProgress } = options
  const outcome = { written: [], completed: [], kept: [], left: [], missing: [] } satisfies Rebuilt as {
    written: Job[]
    completed: Job[]
    kept: Job[]
    left: Job[]
    missing: Missing[]
  }
  // The ended ones first: their receipts say which key a seller's runner signs with.
  const isOpen = ({ started, end }: JobStory) => started !== undefined && !end
  const ended = stories.filter((story) => !isOpen(story))
  const open = stories.filter(isOpen)
  let done = 0
  const restoreAll = async (part: readonly JobStory[], runners: ReadonlyMap<Hex, Address>) => {
    for (let i = 0; i < part.length; i += AT_ONCE) {
      const some = part.slice(i, i + AT_ONCE)
      const results = await Promise.all(some.map((story) => restore(options, story, runners, outcome.missing)))
      for (const { how, job } of results) outcome[how].push(job)
      done += some.length
      onProgress(done)
    }
  }
  await restoreAll(ended, new Map())
  await restoreAll(open, await knownRunners(options))
  return outcome
}

interface Result {
  readonly how: 'written' | 'completed' | 'kept' | 'left'
  readonly job: Job
}

async function restore(
  options: RebuildOptions,
  story: JobStory,
  runners: ReadonlyMap<Hex, Address>,
  missing: Missing[],
): Promise<Result> {
  const { context, stored, timeOf, names, chainId } = options
  const { jobs, random } = context
  const here = (await jobs.get(story.ref))?.value
  if (here && !here.restored) return { how: 'left', job: here }
  const miss = (one: Missing) => void missing.push(one)
  const decision = await stored.decision(story, miss)
  const evidence = await stored.evidence(story, miss)
  const signed = evidence?.signed
  const job = restoreJob({
    story,
    paidAtMs: await timeOf(story.funded.at.blockNumber),
    endedAtMs: story.end && (await timeOf(story.end.at.blockNumber)),
    decision,
    evidence,
    runner: signed ? await receiptSigner({ signed, chainId }) : runners.get(story.funded.terms.provider),
    linkToken: here?.linkToken ?? createLinkToken(random),
    names,
  })
  if (!here) {
    const inserted = await jobs.insert(story.ref, job)
    if (inserted) return { how: 'written', job: inserted.value }
  }
  const change = (now: Job) => (now.restored ? completed(now, job) : undefined)
  const put = await updateDocument({ collection: jobs, id: story.ref, change })
  return put ? { how: 'completed', job: put.value } : { how: 'kept', job: here ?? job }
}

/** The key that signed each seller's latest receipt, by who is paid. */
async function knownRunners({ context }: RebuildOptions): Promise<Map<Hex, Address>> {
  const settled = (await context.jobs.list({ index: 'state', key: 'settled' })).map(({ value }) => value)
  const runners = new Map<Hex, Address>()
  for (const { run, terms, launch } of settled.sort((a, b) => (a.settled?.atMs ?? 0) - (b.settled?.atMs ?? 0)))
    if (run && terms && !launch) runners.set(terms.provider, run.runner)
  return runners
}
