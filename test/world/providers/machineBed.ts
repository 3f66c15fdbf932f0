// For tests: the machines' interface over HTTP with paid jobs behind it, each waiting for whatever machine a test rents for it.
import type { Clock } from '../../../core/clock.ts'
import { applyRouterEvent } from '../../../core/jobs/applyRouterEvent.ts'
import { createMachineDesk } from '../../../core/jobs/createMachineDesk.ts'
import { createRunnerDesk } from '../../../core/jobs/createRunnerDesk.ts'
import { readLog, readOutput } from '../../../core/jobs/jobLog.ts'
import type { DeskAnswer, RunnerJob } from '../../../core/jobs/runnerDesk.ts'
import {
  createTestJobs,
  fundedEvent,
  place,
  refundedEvent,
  startedEvent,
  stopEvent,
} from '../../../core/jobs/testJobs.ts'
import type { LaunchOrder } from '../../../core/launch/launcher.ts'
import { createTestLauncher } from '../../../core/launch/testLauncher.ts'
import { silentLog } from '../../../core/log.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { perJobHour } from '../../../core/money.ts'
import { machineUrl } from '../../../keeper/api/createMachineApi.ts'
import { createSellerApi } from '../../../keeper/api/createSellerApi.ts'
import { createNonces } from '../../../keeper/api/nonces.ts'
import { serveSellerApi } from '../../../keeper/api/serveSellerApi.ts'

export type MachineBed = Awaited<ReturnType<typeof openMachineBed>>
export type BedJob = Awaited<ReturnType<MachineBed['activeJob']>>

export async function openMachineBed({ clock }: { clock: Clock }) {
  const shop = await createTestJobs({ clock, launcher: createTestLauncher().launcher })
  const { context } = shop
  const { blobs } = context
  const desk = createMachineDesk(context)
  let toldSeconds: number | undefined
  const withTold = (answer: DeskAnswer<RunnerJob>): DeskAnswer<RunnerJob> =>
    answer.ok && toldSeconds ? { ...answer, value: { ...answer.value, maxSeconds: toldSeconds } } : answer
  const server = await serveSellerApi({
    app: createSellerApi({
      desk: createRunnerDesk(context),
      machines: { ...desk, job: async (token) => withTold(await desk.job(token)) },
      nonces: createNonces(clock),
      clock,
      log: silentLog,
      chainId: place.chainId,
    }),
    port: 0,
  })

  return {
    /** A minute is the least that can be asked for, and long for a test: machines hear this instead. */
    tellSeconds(seconds: number | undefined): void {
      toldSeconds = seconds
    },
    /** A job whose program this is for `sh`, paid and active on chain, with no machine yet. */
    async activeJob(of: { script: string; image?: string; secrets?: Record<string, string> }) {
      const workload = { image: of.image ?? 'acme/train:1', command: ['sh', '-c', of.script] }
      const { jobId, ref, terms, ask, launch } = await shop.signed({ workload })
      if (of.secrets) await context.secrets.insert(ref, { env: of.secrets })
      await applyRouterEvent(context, fundedEvent(terms))
      await applyRouterEvent(context, startedEvent(jobId, clock.now()))
      const url = machineUrl(server.url, launch?.token ?? '')
      const now = () => shop.jobOf(ref)
      return {
        jobId,
        url,
        now,
        /** As the keeper asks a launcher for its machine; what the provider must not be told is not the job's own. */
        order: (offer: Offer, attempt = 1): LaunchOrder => ({
          jobId,
          attempt,
          offer,
          gpuCount: 1,
          ceilingUsdPerHour: perJobHour(100_000_000n),
          maxSeconds: ask.maxSeconds,
          workload: { image: workload.image, command: ['not told to the provider'] },
          machineUrl: url,
        }),
        isStopped: () => applyRouterEvent(context, stopEvent(terms)),
        isRefunded: () => applyRouterEvent(context, refundedEvent(terms)),
        async logText(): Promise<string> {
          return new TextDecoder().decode(await readLog({ blobs, jobId, chunks: (await now()).run?.logChunks ?? 0 }))
        },
        /** The tar, unpacked no further. */
        async outputText(): Promise<string> {
          const bytes = new Blob([new Uint8Array(await readOutput({ blobs, jobId }))])
          return new Response(bytes.stream().pipeThrough(new DecompressionStream('gzip'))).text()
        },
      }
    },
    stop: () => server.stop(),
  }
}
