// The verify page's routes: the page by a job's reference, on-chain id or record root, and our copy of a record's bytes.
import { Hono } from 'hono'
import type { Hex } from 'viem'
import { bytes32 } from '../../core/codecs.ts'
import { errorText } from '../../core/errors.ts'
import { parseRef } from '../../core/ids.ts'
import type { Job } from '../../core/jobs/job.ts'
import { sellerNames } from '../../core/jobs/scanJob.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { type DecisionRecord, recordSchema } from '../../core/record/record.ts'
import { answerRefusal } from './refusals.ts'
import { createVerificationCache } from './verificationCache.ts'
import { verifyPage } from './verifyPage.ts'
import type { WebOptions } from './webOptions.ts'

export function createVerifyRoutes(options: WebOptions, assets: string): Hono {
  const { context, chain, gatewayUrl, storageExplorerTxUrl, verifyJob, log } = options
  const app = new Hono()
  const verified = createVerificationCache({
    clock: context.clock,
    verify: verifyJob,
    onFailure: (ref, error) => log.warn({ msg: 'verification did not run', ref, reason: errorText(error) }),
  })

  app.get('/verify/:ref', async (c) => {
    const job = await findJob(c.req.param('ref'))
    if (!job?.record) return c.notFound()
    const { root } = job.record
    const [upload, record, names, verification] = await Promise.all([
      context.uploads.get(root),
      readRecord(root),
      sellerNames(context),
      verified(job.ref),
    ])
    const { explorerTxUrl } = chain
    const given = { assets, job, sealed: job.record, upload: upload?.value, record, names, verification }
    return c.html(verifyPage({ ...given, gatewayUrl, explorerTxUrl, storageExplorerTxUrl }))
  })

  app.get('/record/:root', async (c) => {
    const root = bytes32.safeParse(c.req.param('root')).data
    const bytes = root && (await recordBytesOf(root))
    if (!bytes) return answerRefusal(c, { code: 'not-found', why: 'There is no such record here.' })
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'Content-Type': 'application/json',
      // Named by what it holds, so it never changes.
      'Cache-Control': 'public, max-age=31536000, immutable',
    })
  })

  return app

  async function findJob(text: string): Promise<Job | undefined> {
    const ref = parseRef(text)
    if (ref) return (await context.jobs.get(ref))?.value
    const key = text.toLowerCase()
    if (!bytes32.safeParse(key).success) return undefined
    const [found] = await context.jobs.list({ index: 'jobId', key })
    return (found ?? (await context.jobs.list({ index: 'root', key }))[0])?.value
  }

  /** Records are public; nothing else that is stored is handed out here. */
  async function recordBytesOf(root: Hex): Promise<Uint8Array | undefined> {
    const upload = await context.uploads.get(root)
    return upload?.value.kind === 'record' ? getUploaded({ ...context, root }) : undefined
  }

  async function readRecord(root: Hex): Promise<DecisionRecord | undefined> {
    try {
      const bytes = await recordBytesOf(root)
      return bytes && recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (error) {
      log.warn({ msg: 'our copy of a record cannot be read', root, reason: errorText(error) })
      return undefined
    }
  }
}
