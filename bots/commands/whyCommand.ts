// /why: the decision of a job explained, whatever has become of the job.
import { textView } from '../chat/view.ts'
import { cardBlocks } from '../views/cardView.ts'
import { proofLinks } from '../views/proofLinks.ts'
import { type Command, reply } from './app.ts'
import { REF_OPTION } from './jobOptions.ts'
import { namedJob } from './readableJob.ts'

export const whyCommand: Command = {
  name: 'why',
  summary: 'Why this offer: the arithmetic, what else there was, what was rejected',
  usage: '/why K7QF-3M2P',
  where: 'anywhere',
  options: [REF_OPTION],
  async run(app, event) {
    const job = (await namedJob(app, event, this.usage))?.job
    if (!job) return
    if (!job.card)
      return reply(app, event, textView(`Nothing was decided for ${job.ref}${job.state === 'scanning' ? ' yet' : ''}.`))
    await reply(app, event, {
      blocks: [
        { kind: 'heading', text: `Why, for ${job.ref}` },
        ...cardBlocks(job.card, { pick: job.pick, alternatives: 'all' }),
        ...proofLinks(job, app),
      ],
    })
  },
}
