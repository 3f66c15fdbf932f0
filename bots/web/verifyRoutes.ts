// The verify page's routes: the page by a job's reference, on-chain id or record root, and our copy of a record's bytes.
import { Hono } from 'hono'
import type { Hex } from 'viem'
import { bytes32 } from '../../core/codecs.ts'
import { errorText } from '../../core/errors.ts'
import { parseRef } from '../../core/ids.ts'
import type { Job } from '../../core/jobs/job.ts'
import { sellerNames } from '../../core/jobs/scanJob.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { writeBundle } from '../../core/record/bundle.ts'
import { type DecisionRecord, recordSchema } from '../../core/record/record.ts'
import { answerRefusal } from './refusals.ts'
import { createVerificationCache } from './verificationCache.ts'
import type { VerifyDefaults } from './verifyForm.ts'
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
    const given = { assets, job, sealed: job.record, upload: upload?.value, record, verification }
    return c.html(
      verifyPage({
        ...given,
        names: namesIn(record, names),
        defaults: defaultsOf(job, root),
        gatewayUrl,
        explorerTxUrl,
        storageExplorerTxUrl,
      }),
    )
  })

  app.get('/verify/:ref/bundle', async (c) => {
    const job = await findJob(c.req.param('ref'))
    const bytes = job?.record && (await recordBytesOf(job.record.root))
    if (!job || !bytes) return answerRefusal(c, { code: 'not-found', why: 'There is no such record here.' })
    const verification = await verified(job.ref)
    const facts = 'chain' in verification ? verification.chain : undefined
    return c.body(writeBundle({ bytes, chain: facts, router: context.escrow }), 200, {
      'Content-Type': 'application/json',
      'Content-Disposition': `attachment; filename="${job.ref}.bundle.json"`,
    })
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

  function defaultsOf(job: Job, root: Hex): VerifyDefaults {
    const { chainId, router } = context.escrow
    return {
      // What was not paid for has nothing on chain to be found by.
      ...(job.funded && { name: job.ref, txHash: job.funded.txHash }),
      root,
      rpcUrl: chain.readerRpcUrl,
      chainId,
      router,
      fromBlock: options.routerFromBlock,
      gatewayUrl,
      copyUrl: `/record/${root}`,
    }
  }

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

/** Of the sellers' names those that this record can need. */
function namesIn(record: DecisionRecord | undefined, names: Readonly<Record<string, string>>): Record<string, string> {
  const ids = new Set(record?.offers.flatMap(({ id, provider }) => [id, provider]) ?? [])
  return Object.fromEntries(Object.entries(names).filter(([id]) => ids.has(id)))
}
