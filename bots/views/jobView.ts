// The one message of a job, whatever its state: scan, decision, payment, run, outcome.
import { exitCodeOf, type Job } from '../../core/jobs/job.ts'
import { printAsk } from '../../core/market/printAsk.ts'
import type { Block, Button, StepState, View } from '../chat/view.ts'
import { cardBlocks } from './cardView.ts'
import { proofSpans } from './proofLinks.ts'
import { refundText } from './refundText.ts'
import { scanSteps } from './scanView.ts'
import { shortHex, showSeconds, showTime, txSpan, usdc } from './words.ts'

/** Buttons of a job by what they do; the follower issues the tokens. */
export interface JobButtons {
  readonly pay?: string
  readonly toggleMode?: string
  readonly picks?: readonly { readonly label: string; readonly token: string }[]
  readonly secrets?: string
  readonly cancel?: string
  readonly rescan?: string
}

export interface JobViewOptions {
  readonly job: Job
  readonly publicUrl: string
  readonly gatewayUrl: string
  /** `https://…/tx/{hash}` where the chain has an explorer. */
  readonly explorerTxUrl: string | undefined
  readonly buttons: JobButtons
  readonly nowMs: number
}

const modeText = (job: Job): string =>
  job.mode === 'tracked'
    ? 'Mode: Tracked. Your pseudonym goes into the record, a salted tag on chain; your team sees the spend.'
    : 'Mode: Untracked. No name in the record, no tag on chain; we forget who asked when the job ends. Wallet, amounts and times stay public.'

/** One message that tells the whole story. */
export function jobView(options: JobViewOptions): View {
  const { job } = options
  return {
    blocks: [
      { kind: 'heading', text: `Job ${job.ref}` },
      askLine(job),
      ...(job.state === 'scanning' || job.state === 'offered' || job.state === 'refused' ? [scanSteps(job.scan)] : []),
      ...body(options),
      ...(job.restored ? [RESTORED] : []),
    ],
    buttons: buttons(options),
  }
}

const RESTORED: Block = {
  kind: 'note',
  text: 'Restored from the chain and 0G after our records were lost: who asked, what it ran and its messages are not known any more.',
}

// The command itself is never shown: a group may read it.
const RUNS = { container: ', your command in a container', process: ', your command as a plain process' }

function askLine({ ask, workload, restored }: Job): Block {
  const { runtime, ...constraints } = ask
  if (restored) return { kind: 'text', spans: [{ text: printAsk(constraints), style: 'code' }] }
  const what = workload && runtime ? RUNS[runtime] : ', prices only: add "run <command>" to book'
  return { kind: 'text', spans: [{ text: printAsk(constraints), style: 'code' }, what] }
}

function body(options: JobViewOptions): Block[] {
  const { job, nowMs } = options
  const { card, quoteExpiresAtMs } = job
  switch (job.state) {
    case 'scanning':
      return []
    case 'refused':
      return card ? [...cardBlocks(card), ...sealedNote(options)] : []
    case 'offered':
      return [
        ...(card ? cardBlocks(card, { pick: job.pick }) : []),
        { kind: 'text', spans: [modeText(job)] },
        {
          kind: 'note',
          text: `Valid until ${showTime(quoteExpiresAtMs ?? nowMs)}. Nothing is charged before you sign.`,
        },
      ]
    case 'lapsed':
      return [
        {
          kind: 'text',
          spans: [
            { text: 'The quote ran out before it was paid.', style: 'bold' },
            // Only a Tracked job has the button: nothing may point at who asked once an Untracked one has ended.
            ` No money moved. ${job.mode === 'tracked' ? 'Scan again' : 'Send the command again'} for today’s prices.`,
          ],
        },
      ]
    case 'cancelled':
      return [{ kind: 'text', spans: [{ text: 'Cancelled.', style: 'bold' }, ' No money moved.'] }]
    default:
      return [
        summary(job),
        { kind: 'steps', items: steps(job) },
        ...endedEarly(job),
        ...outcome(options),
        ...trouble(job),
      ]
  }
}

function summary(job: Job): Block {
  const choice = job.card?.choice
  return {
    kind: 'text',
    spans: choice
      ? [
          { text: choice.providerName, style: 'bold' },
          `, ${choice.gpu} ×${job.ask.gpuCount}, at most ${usdc(choice.totalUsd)}${job.launch ? ', paid through Necto’s settlement wallet (broker)' : ''}. ${job.mode === 'tracked' ? 'Tracked.' : 'Untracked.'}`,
        ]
      : [job.restored ? 'Its decision could not be read from 0G yet.' : 'Working…'],
  }
}

function trouble(job: Job): Block[] {
  return job.trouble ? [{ kind: 'text', spans: [{ text: 'Waiting: ', style: 'bold' }, job.trouble.text] }] : []
}

const sealedNote = ({ job, ...sites }: JobViewOptions): Block[] =>
  job.record ? [{ kind: 'text', spans: [...proofSpans(job, sites), ` · record ${shortHex(job.record.root)}`] }] : []

const PAST: Partial<Record<Job['state'], number>> = {
  ordered: 0,
  signed: 1,
  paying: 2,
  funded: 3,
  starting: 3,
  active: 4,
  running: 5,
  finishing: 6,
  settling: 6,
  cancelling: 3,
}

function steps(job: Job): { state: StepState; text: string }[] {
  const ended = job.state === 'settled'
  const at = ended ? 9 : (PAST[job.state] ?? 0)
  const mark = (from: number, working: boolean): StepState =>
    at > from || ended ? 'done' : working ? 'working' : 'waiting'
  const deposit = job.funded ? usdc(job.funded.depositMicroUsd) : usdc(job.card?.choice?.totalUsd ?? 0n)
  const list: { state: StepState; text: string }[] = [
    {
      state: job.recordStored ? 'done' : 'working',
      text: job.recordStored ? `Decision on 0G, ${shortHex(job.record?.root ?? '')}` : 'Decision sealed, going to 0G',
    },
    {
      state: mark(2, at >= 1),
      text: job.funded
        ? `${deposit} in escrow`
        : job.state === 'paying'
          ? 'Authorization signed, on its way to escrow'
          : job.state === 'signed'
            ? 'Terms signed, waiting for your authorization'
            : 'Waiting for payment',
    },
  ]
  if (job.state === 'cancelling' || job.state === 'refunded') {
    return [
      ...list,
      {
        state: job.state === 'refunded' ? 'done' : 'working',
        text: job.refunded ? `${usdc(job.refunded.refundedMicroUsd)} returned` : 'Returning the deposit',
      },
    ]
  }
  return [
    ...list,
    { state: mark(3, at === 3), text: job.started ? 'Started on chain' : 'Start on chain' },
    { state: mark(5, at === 4 || at === 5), text: runText(job) },
    { state: mark(6, at === 6), text: job.settled ? 'Settled' : 'Settle: pay for the seconds used, return the rest' },
  ]
}

function runText(job: Job): string {
  if (job.launch) return rentedText(job, job.launch)
  const receipt = job.run?.receipt?.receipt
  if (receipt) return `Ran ${showSeconds(receipt.usedSeconds)}, ${receipt.reason}, exit code ${receipt.exitCode}`
  const exitCode = exitCodeOf(job)
  if (exitCode !== undefined) return `Ran ${showSeconds(job.usedSeconds ?? 0)}, exit code ${exitCode}`
  // Not how much it has printed: each change of this text costs one of the chat's few edits.
  if (job.state === 'running') return 'Running on the seller’s machine'
  if (job.run?.endedAtMs !== undefined)
    return `The seller’s machine went silent${job.usedSeconds ? `; ${showSeconds(job.usedSeconds)} of it were seen` : ''}`
  if (job.restored && !job.run) return `Paid for ${showSeconds(job.usedSeconds ?? 0)}; how it ran is not known any more`
  return job.usedSeconds === 0 ? 'Never started' : 'Run'
}

/** Of a machine that Necto rents for the job. */
function rentedText(job: Job, { ref, requestedAtMs }: NonNullable<Job['launch']>): string {
  const where = job.card?.choice?.providerName ?? 'the provider'
  const exitCode = exitCodeOf(job)
  if (job.state === 'running') return `Running on a machine at ${where}`
  if (job.state === 'active' && ref !== undefined) return `A machine at ${where} is starting`
  if (job.state === 'active' && requestedAtMs !== undefined) return `Renting a machine at ${where}`
  if (exitCode !== undefined)
    return `Ran${job.usedSeconds ? ` ${showSeconds(job.usedSeconds)}` : ''}, exit code ${exitCode}`
  if (job.run?.endedAtMs !== undefined)
    return `The machine at ${where} is gone${job.usedSeconds ? `; ${showSeconds(job.usedSeconds)} of it were seen` : ''}`
  return job.usedSeconds === 0 ? 'Never started' : 'Run'
}

/** Why a rented machine did not run the job to its end. */
const endedEarly = ({ launch }: Job): Block[] => (launch?.why ? [{ kind: 'text', spans: [launch.why] }] : [])

function outcome({ job, explorerTxUrl, ...sites }: JobViewOptions): Block[] {
  const verify = proofSpans(job, sites)
  if (job.settled) {
    const { paidMicroUsd, feeMicroUsd, refundedMicroUsd, txHash } = job.settled
    return [
      {
        kind: 'facts',
        rows: [
          { label: 'Used', value: [showSeconds(job.usedSeconds ?? 0)] },
          {
            label: 'Charged',
            value: [
              { text: usdc(paidMicroUsd + feeMicroUsd), style: 'bold' },
              ` (${job.launch ? 'for the machine' : 'seller'} ${usdc(paidMicroUsd)}, fee ${usdc(feeMicroUsd)})`,
            ],
          },
          { label: 'Returned', value: [{ text: usdc(refundedMicroUsd), style: 'bold' }] },
        ],
      },
      { kind: 'text', spans: [txSpan(txHash, explorerTxUrl), ' · ', ...verify, ' · ', `/logs ${job.ref}`] },
    ]
  }
  if (job.refunded) {
    return [
      {
        kind: 'text',
        spans: [{ text: 'Refunded: ', style: 'bold' }, refundText(job.refunded)],
      },
      { kind: 'text', spans: [txSpan(job.refunded.txHash, explorerTxUrl), ' · ', ...verify] },
    ]
  }
  const funded = job.funded ? [txSpan(job.funded.txHash, explorerTxUrl), ' · '] : []
  return [{ kind: 'text', spans: [...funded, ...verify] }]
}

function buttons({ job, publicUrl, buttons: tokens }: JobViewOptions): Button[][] {
  const cancel: Button[] = tokens.cancel ? [{ label: 'Cancel', token: tokens.cancel, look: 'danger' }] : []
  switch (job.state) {
    case 'scanning':
      return cancel.length > 0 ? [cancel] : []
    case 'offered':
      return [
        ...(tokens.toggleMode
          ? [
              [
                {
                  label: job.mode === 'tracked' ? 'Tracked ▸ switch to Untracked' : 'Untracked ▸ switch to Tracked',
                  token: tokens.toggleMode,
                },
              ],
            ]
          : []),
        ...(tokens.pay
          ? [
              [
                {
                  label: `Pay up to ${usdc(job.card?.choice?.totalUsd ?? 0n)}`,
                  token: tokens.pay,
                  look: 'primary' as const,
                },
              ],
            ]
          : []),
        ...(tokens.picks ?? []).map((pick) => [pick]),
        cancel,
      ].filter((row) => row.length > 0)
    case 'ordered':
    case 'signed':
      return [
        [{ label: 'Open the payment page', url: `${publicUrl}/pay/${job.linkToken}` }],
        tokens.secrets ? [{ label: 'Add secrets', token: tokens.secrets }] : [],
        cancel,
      ].filter((row) => row.length > 0)
    case 'lapsed':
    case 'refused':
      return tokens.rescan ? [[{ label: 'Scan again', token: tokens.rescan }]] : []
    case 'settled':
    case 'refunded':
      return [[{ label: 'Verify decision', url: `${publicUrl}/verify/${job.ref}` }]]
    default:
      return job.linkToken ? [[{ label: 'Job page', url: `${publicUrl}/job/${job.linkToken}` }]] : []
  }
}
