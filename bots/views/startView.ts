// The first thing people see of Necto.
import type { Button, Span, View } from '../chat/view.ts'

const JOB_EXAMPLE = '/job h100 x1 4h max 3 run python train.py'

export const startView = (buttons: readonly (readonly Button[])[]): View => ({
  blocks: [
    { kind: 'heading', text: 'Necto: the cheapest GPU that fits your job, provably' },
    {
      kind: 'text',
      spans: [
        'Say what you need. I ask every provider, show who is cheapest and why, you pay USDC into escrow, it runs, and you pay for the seconds used.',
      ],
    },
    { kind: 'text', spans: ['For example: ', { text: JOB_EXAMPLE, style: 'code' }] },
    { kind: 'text', spans: ['/help lists everything, /about says who we are.'] },
    { kind: 'note', text: 'We never ask for a key or a recovery phrase, and never write first.' },
  ],
  buttons,
})

export const groupStartView = (): View => ({
  blocks: [
    {
      kind: 'text',
      spans: [
        'I find this team the cheapest GPU that fits, with the reasons; paid into escrow, charged by the second. For example: ',
        { text: JOB_EXAMPLE, style: 'code' },
        '. /team shows who may do what, /help the rest.',
      ],
    },
  ],
})

/** Once, when the bot comes into a group. */
export const greetingView = (): View => ({
  blocks: [
    {
      kind: 'text',
      spans: [
        'Hello. I find your team the cheapest GPU that fits a job, across every provider, with the reasons. For example: ',
        { text: JOB_EXAMPLE, style: 'code' },
      ],
    },
    {
      kind: 'text',
      spans: ['Whoever created this group becomes the team’s first admin by sending /team. /help lists the rest.'],
    },
    { kind: 'note', text: 'I read commands alone, so I need not be an admin here.' },
  ],
})

export const JOIN_TEAM: readonly Span[] = [
  'A team is a group with me in it. Add me to yours; whoever created it sends /team there and is its first admin. Everybody in the group may then submit jobs. To have private commands for it, send /team use in the group. From outside, open an invitation that one of its admins made with /team invite user.',
]
