// The link of the page that takes a job's environment secrets, as its asker alone is shown it.
import type { View } from '../chat/view.ts'

export const secretsView = ({ ref, url }: { ref: string; url: string }): View => ({
  blocks: [
    {
      kind: 'text',
      spans: [
        { text: `Secrets of job ${ref}.`, style: 'bold' },
        ' Tokens and passwords that your command reads from its environment. Enter them on the page before the job is paid, and never in a chat.',
      ],
    },
    { kind: 'note', text: 'Whoever has this link can set them, so keep it to yourself. It ends with the job.' },
  ],
  buttons: [[{ label: 'Enter secrets', url }]],
})
