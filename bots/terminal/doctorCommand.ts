// `necto doctor [--check]`: what is configured, what is missing, and what is off without it.
import { CHAT_TOKENS, SETTING_GROUPS, START_NEEDS } from '../../core/config.ts'
import { NectoError } from '../../core/errors.ts'
import type { ProviderProgress } from '../../core/jobs/job.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { escrowNetwork } from '../../core/networks.ts'
import type { ProviderModule } from '../../core/providers/module.ts'
import type { ProcessContext } from '../../core/runProcess.ts'
import type { Block } from '../chat/view.ts'
import { scanSteps } from '../views/scanView.ts'
import { type Diagnosis, diagnose, type Finding } from './diagnose.ts'
import { type Check, checkProviders, checkServices } from './doctorChecks.ts'
import { checkRenting, type RentingFinding, rentingFindings } from './doctorRenting.ts'
import { readArguments } from './readArguments.ts'
import { terminalText } from './terminalText.ts'

interface Checks {
  readonly services: readonly Check[]
  readonly providers: readonly ProviderProgress[]
  readonly renting: readonly RentingFinding[]
}

const SERVICE_TIMEOUT_MS = 5_000

/**
 * Prints it; exit code 0 when `necto start` has all that it needs (and with --check its chains and indexer answer),
 * 1 when not, 2 for arguments that cannot be read.
 */
export async function runDoctor(options: {
  args: readonly string[]
  context: Pick<ProcessContext, 'config' | 'env' | 'clock' | 'signal'>
  modules: readonly ProviderModule[]
  /** Made when they are to be asked: settings that are not valid make none. */
  providers: () => readonly SynapseProvider[]
  print: (text: string) => void
  warn: (text: string) => void
}): Promise<number> {
  const { context, modules, print, warn } = options
  const read = readArguments('doctor', options.args)
  if ('why' in read || read.words.length > 0) {
    warn('why' in read ? read.why : `What is "${read.words[0]}"? See necto help doctor.`)
    return 2
  }
  const groups = [...SETTING_GROUPS, { name: 'providers', settings: modules.flatMap(({ settings }) => settings) }]
  const settings = diagnose({ groups, needed: START_NEEDS, oneOf: CHAT_TOKENS, env: context.env })
  const diagnosis = { ...settings, faults: [...settings.faults, ...networkFaults(settings, context)] }
  const wanted = read.switches.has('check') && settings.faults.length === 0
  const said = settings.faults.length === 0 ? rentingFindings({ modules, ...context }) : []
  const checks = wanted ? await runChecks(options, said) : undefined
  const renting = checks?.renting ?? said
  const failed = checks?.services.filter(({ ok }) => ok === false) ?? []
  const ready = diagnosis.missing.length === 0 && diagnosis.faults.length === 0
  if (read.switches.has('json'))
    print(JSON.stringify({ ready, ...diagnosis, renting, ...(checks && { checks }) }, null, 2))
  else {
    print(
      terminalText({
        blocks: [
          ...diagnosis.groups.flatMap(({ name, findings }) => groupBlocks(name, findings)),
          ...rentingBlocks(renting),
          ...(checks ? checkBlocks(checks) : []),
          ...(read.switches.has('check') && !checks
            ? [{ kind: 'text' as const, spans: ['Nothing was asked: first the settings have to be valid.'] }]
            : []),
          ...verdict({ diagnosis, ready, failed }),
        ],
      }),
    )
  }
  return ready && failed.length === 0 ? 0 : 1
}

/** A chain that nobody described, or one without a USDC, is found by no single setting. */
function networkFaults({ faults }: Diagnosis, context: Pick<ProcessContext, 'config'>): string[] {
  if (faults.length > 0) return []
  try {
    escrowNetwork(context.config)
    return []
  } catch (error) {
    if (error instanceof NectoError) return [error.message]
    throw error
  }
}

async function runChecks(
  { context, providers, modules }: Parameters<typeof runDoctor>[0],
  said: readonly RentingFinding[],
): Promise<Checks> {
  const { config, clock, signal } = context
  const [services, answers, renting] = await Promise.all([
    checkServices(config, { clock, signal, timeoutMs: SERVICE_TIMEOUT_MS }),
    checkProviders(providers(), { clock, signal, timeoutMs: config.SCAN_DEADLINE_MS }),
    checkRenting(said, { modules, ...context }),
  ])
  return { services, providers: answers, renting }
}

function rentingBlocks(findings: readonly RentingFinding[]): Block[] {
  if (findings.length === 0) return []
  return [
    { kind: 'heading', text: 'jobs at providers' },
    {
      kind: 'facts',
      rows: findings.map(({ name, bookable, detail }) => ({
        label: `  ${bookable ? '✓' : '–'} ${name}`,
        value: [`${bookable ? 'bookable' : 'priced only'}: ${detail}`],
      })),
    },
  ]
}

const SIGNS: Record<Finding['state'], string> = { set: '✓', default: '✓', unset: '–', missing: '–', invalid: '✗' }

function groupBlocks(name: string, findings: readonly Finding[]): Block[] {
  if (findings.length === 0) return []
  return [
    { kind: 'heading', text: name },
    {
      kind: 'facts',
      rows: findings.map((finding) => ({
        label: `  ${finding.state === 'missing' && finding.needed ? '✗' : SIGNS[finding.state]} ${finding.key}`,
        value: [stateText(finding)],
      })),
    },
  ]
}

function stateText({ state, value, meaning, off, fault }: Finding): string {
  switch (state) {
    case 'set':
      return value ?? 'set'
    case 'default':
      return `${value || 'empty'} (default)`
    case 'unset':
      return `not set (${meaning})`
    case 'missing':
      return `missing (${meaning})${off === undefined ? '' : `; off: ${off}`}`
    case 'invalid':
      return `not valid: ${fault}`
  }
}

function checkBlocks({ services, providers }: Checks): Block[] {
  const state = (ok: boolean | undefined) => (ok === undefined ? 'skipped' : ok ? 'done' : 'failed')
  return [
    { kind: 'heading', text: 'asked just now' },
    {
      kind: 'steps',
      items: services.map(({ name, ok, detail }) => ({ state: state(ok), text: `${name}: ${detail}` })),
    },
    scanSteps(providers),
  ]
}

function verdict(options: { diagnosis: Diagnosis; ready: boolean; failed: readonly Check[] }): Block[] {
  const { diagnosis, ready, failed } = options
  const { missing, faults, off } = diagnosis
  const lines = [
    faults.length > 0 && `Not valid: ${faults.join('; ')}`,
    missing.length > 0 && `Missing: ${missing.join(', ')}`,
    failed.length > 0 &&
      `Does not answer as it should: ${failed.map(({ name, detail }) => `${name} (${detail})`).join('; ')}`,
    off.length > 0 && `Off: ${off.join('; ')}`,
  ].filter((line) => line !== false)
  return [
    { kind: 'text', spans: [ready ? 'necto start has all that it needs.' : 'necto start cannot begin yet.'] },
    ...(lines.length > 0 ? [{ kind: 'list' as const, items: lines.map((line) => [line]) }] : []),
  ]
}
