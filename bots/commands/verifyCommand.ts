// /verify: where a stranger checks a job's decision, and how without us.

import { proofLinks } from '../views/proofLinks.ts'
import { type Command, reply } from './app.ts'
import { REF_OPTION } from './jobOptions.ts'
import { namedJob } from './readableJob.ts'

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Check a decision yourself',
  usage: '/verify K7QF-3M2P',
  where: 'anywhere',
  options: [REF_OPTION],
  async run(app, event) {
    const job = (await namedJob(app, event, this.usage))?.job
    if (!job) return
    const { record } = job
    await reply(app, event, {
      blocks: [
        { kind: 'heading', text: `Verify ${job.ref}` },
        ...proofLinks(job, app),
        ...(record
          ? [
              { kind: 'text' as const, spans: ['Its root on 0G: ', { text: record.root, style: 'code' as const }] },
              {
                kind: 'text' as const,
                spans: [
                  'Without our pages, from the chain and 0G alone: ',
                  // What was not paid for has nothing on chain to be found by.
                  { text: `./necto verify ${job.funded ? job.ref : record.root}`, style: 'code' as const },
                ],
              },
              ...(job.recordStored
                ? []
                : [{ kind: 'note' as const, text: '0G does not have it yet; our copy is served meanwhile.' }]),
            ]
          : []),
      ],
    })
  },
}
