// /stop: gives a job up before it is paid, as its Cancel button does; a paid one only its payer can stop.
import { abandonJob } from '../../core/jobs/changeOffer.ts'
import { isEnded } from '../../core/jobs/job.ts'
import { textView } from '../chat/view.ts'
import { type Command, reply } from './app.ts'
import { REF_OPTION } from './jobOptions.ts'
import { namedJob, ownJob } from './readableJob.ts'

export const stopCommand: Command = {
  name: 'stop',
  summary: 'Give a job up before it is paid',
  usage: '/stop K7QF-3M2P',
  where: 'anywhere',
  answer: 'asker',
  options: [REF_OPTION],
  async run(app, event) {
    const ref = (await namedJob(app, event, this.usage))?.job.ref
    if (!ref) return
    const job = await ownJob(app, event, ref)
    if (!job) return reply(app, event, textView(`Only who asked for ${ref} may give it up. Nothing was changed.`))
    if (isEnded(job)) return reply(app, event, textView(`${ref} is over already. Nothing was changed.`))
    const given = await abandonJob({ context: app.context, ref })
    await reply(
      app,
      event,
      textView(
        given
          ? `${ref} is cancelled. No money moved.`
          : `${ref} is paid or being paid. From then on only the wallet of the refund address can stop it, on the job’s page or by calling stop on the escrow contract; we cannot. Nothing was changed.`,
      ),
    )
  },
}
