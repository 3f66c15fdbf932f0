// The links with which a stranger checks a decision: the bytes it was made of, on 0G, and the page that recomputes it.
import type { Job } from '../../core/jobs/job.ts'
import { gatewayFileUrl } from '../../core/zerog/gatewayFileUrl.ts'
import type { Block, Span } from '../chat/view.ts'
import { shortHex } from './words.ts'

/** Where our pages and the gateway to 0G are. */
export interface ProofSites {
  readonly publicUrl: string
  readonly gatewayUrl: string
}

/** BUYER-04: both links in one line of spans; the bytes' only once they are on 0G. Nothing before the decision is sealed. */
export function proofSpans(job: Job, { publicUrl, gatewayUrl }: ProofSites): Span[] {
  const { record } = job
  if (!record) return []
  const verify = { text: 'Verify decision', href: `${publicUrl}/verify/${job.ref}` }
  if (!job.recordStored) return [verify]
  return [verify, ' · ', { text: 'raw bytes on 0G', href: gatewayFileUrl(gatewayUrl, record.root, `${job.ref}.json`) }]
}

/** The same as a paragraph of its own, with our copy of the bytes and their root. */
export function proofLinks(job: Job, sites: ProofSites): Block[] {
  const { record } = job
  if (!record) return [{ kind: 'note', text: 'Not sealed yet: the record is made when the job is ordered or ends.' }]
  return [
    {
      kind: 'text',
      spans: [
        ...proofSpans(job, sites),
        ' · ',
        { text: 'our copy', href: `${sites.publicUrl}/record/${record.root}` },
        ` · root ${shortHex(record.root)}`,
      ],
    },
  ]
}
