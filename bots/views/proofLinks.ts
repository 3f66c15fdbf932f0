// The links with which a stranger checks a decision: the page that recomputes it, and the bytes it was made of.
import type { Job } from '../../core/jobs/job.ts'
import type { Block } from '../chat/view.ts'
import { shortHex } from './words.ts'

/** BUYER-04. Nothing before the decision is sealed. */
export function proofLinks(job: Job, publicUrl: string): Block[] {
  const { record } = job
  if (!record) return [{ kind: 'note', text: 'Not sealed yet: the record is made when the job is ordered or ends.' }]
  return [
    {
      kind: 'text',
      spans: [
        { text: 'Verify decision', href: `${publicUrl}/verify/${job.ref}` },
        ' · ',
        { text: 'The record’s raw bytes (our copy)', href: `${publicUrl}/record/${record.root}` },
        ` · root ${shortHex(record.root)}`,
      ],
    },
  ]
}
