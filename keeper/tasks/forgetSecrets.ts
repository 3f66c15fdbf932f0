// Deletes a job's environment secrets once no runner can take it any more.

import type { Job } from '../../core/jobs/job.ts'
import { forgetSecrets } from '../../core/jobs/secrets.ts'
import type { Stored } from '../../core/store/store.ts'
import type { KeeperContext } from './keeper.ts'

/** One job in a state without secrets. */
export async function forgetJobSecrets(
  { context }: Pick<KeeperContext, 'context'>,
  doc: Stored<Job>,
): Promise<undefined> {
  await forgetSecrets(context, doc.id)
}
