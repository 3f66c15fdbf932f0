// The router's events put together job by job: what was paid for each ref, how far it came, and what is left over.
import type { Hex } from 'viem'
import type { RouterEvent, RouterEventOf } from '../../core/escrow/events.ts'
import { refOf } from '../../core/jobs/applyRouterEvent.ts'

export type JobEnd = RouterEventOf<'JobSettled' | 'JobRefunded' | 'JobExpired'>

export interface JobStory {
  readonly ref: string
  readonly funded: RouterEventOf<'JobFunded'>
  readonly started?: RouterEventOf<'JobStarted'>
  /** As of the latest checkpoint: what was paid for on the way, and what that was, fee included. */
  readonly checkpointSeconds: number
  readonly paidMicroUsd: bigint
  readonly stopRequested: boolean
  readonly end?: JobEnd
}

export interface JobStories {
  /** The first payment of each ref, which is the one that runs. */
  readonly jobs: readonly JobStory[]
  /** Later payments of a ref: none of them runs, and the keeper sends back those that are still here. */
  readonly besides: readonly JobStory[]
  /** Jobs whose payment was made before the first block that was read. */
  readonly unknown: readonly Hex[]
}

/** `events` in the chain's order, all final. */
export function readStories(events: readonly RouterEvent[]): JobStories {
  const stories = new Map<Hex, JobStory>()
  const unknown = new Set<Hex>()
  for (const event of events) {
    if (event.name === 'JobFunded') {
      const nothing = { checkpointSeconds: 0, paidMicroUsd: 0n, stopRequested: false }
      stories.set(event.id, { ref: refOf(event.terms.ref), funded: event, ...nothing })
    } else if ('id' in event) {
      const story = stories.get(event.id)
      if (story) stories.set(event.id, goOn(story, event))
      else unknown.add(event.id)
    }
  }
  const byRef = Map.groupBy(stories.values(), ({ ref }) => ref)
  const groups = [...byRef.values()]
  return {
    jobs: groups.flatMap(([first]) => first ?? []),
    besides: groups.flatMap(([, ...others]) => others),
    unknown: [...unknown],
  }
}

function goOn(story: JobStory, event: RouterEvent): JobStory {
  switch (event.name) {
    case 'JobStarted':
      return { ...story, started: event }
    case 'JobCheckpointed':
      return { ...story, checkpointSeconds: event.usedSeconds, paidMicroUsd: event.paidMicroUsd }
    case 'StopRequested':
      return { ...story, stopRequested: true }
    case 'JobSettled':
    case 'JobRefunded':
    case 'JobExpired':
      return { ...story, end: event }
    default:
      return story
  }
}

/** What the router must hold of these: of an open job all that was not paid out. */
export const heldMicroUsd = (stories: readonly JobStory[]): bigint =>
  stories
    .filter(({ end }) => !end)
    .reduce((sum, { funded, paidMicroUsd }) => sum + funded.depositMicroUsd - paidMicroUsd, 0n)
