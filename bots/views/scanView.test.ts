// AGENT-03: the thinking steps, as a terminal and a chat show them.
import { expect, test } from 'vitest'
import type { ProviderProgress } from '../../core/jobs/job.ts'
import { renderTelegram } from '../telegram/render.ts'
import { terminalText } from '../terminal/terminalText.ts'
import { blocksHtml } from '../web/html.ts'
import { scanSteps } from './scanView.ts'

const scan: ProviderProgress[] = [
  { id: 'akash', name: 'Akash', state: 'answered', offers: 14, ms: 400, ageMs: 0 },
  {
    id: 'aws-spot',
    name: 'AWS Spot',
    state: 'answered',
    offers: 1,
    ms: 1230,
    ageMs: 42_000,
    note: 'us-west-2 is missing',
  },
  { id: 'ionet', name: 'ionet', state: 'skipped', note: 'IONET_API_KEY is not set' },
  { id: 'render', name: 'Render', state: 'failed', note: 'It could not be reached.', ms: 10 },
  { id: 'nosana', name: 'Nosana', state: 'late', ms: 6000 },
  { id: 'necto', name: 'Necto\u202e sellers\n✓ paid', state: 'scanning' },
]
const lines = [
  'Scanning Akash… ✓ 14 offers, 0.4 s',
  'Scanning AWS Spot… ✓ 1 offer, 1.2 s, 42 s old (us-west-2 is missing)',
  'Scanning ionet… – left out: IONET_API_KEY is not set',
  'Scanning Render… ✗ absent: It could not be reached.',
  'Scanning Nosana… ✗ absent: no answer within the deadline',
  'Scanning Necto sellers ✓ paid…',
]

test('AGENT-03 each provider is one line that grows by its answer', () => {
  expect(terminalText({ blocks: [scanSteps(scan)] }).split('\n')).toEqual(lines)
  expect(renderTelegram({ blocks: [scanSteps(scan)] }, () => true).text.split('\n')).toEqual(lines)
})

test('AGENT-03 on a page the state is a word', () => {
  const page = String(blocksHtml([scanSteps(scan.slice(0, 1))]))
  expect(page).toContain('<li class="done">Scanning Akash… <b>done</b> 14 offers, 0.4 s</li>')
})
