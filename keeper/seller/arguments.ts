// What the seller typed behind `./necto seller`, read and checked.
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { NectoError } from '../../core/errors.ts'

export const SELLER_HELP = `The runner that serves jobs on a seller's machine.

  ./necto seller key [--key FILE]      Makes a runner key and prints its address, for /sell.
  ./necto seller run --api URL [...]   Takes jobs, runs them, hands in receipts.

Options of run, one of these two first:
  --driver docker|podman   Runs container images through that engine, with NVIDIA's container toolkit for the GPUs;
                           podman finds them by its list: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml
  --unsafe-process         Runs commands as plain processes of this machine, without any isolation.
                           Only where you trust whoever may rent from you.
Options:
  --api URL                Necto's interface for sellers (or NECTO_SELLER_API).
  --key FILE               The runner key (or NECTO_RUNNER_KEY_FILE); else data/local/runner.key.
  --state FOLDER           Notes of jobs in hand; else beside the key.
  --chain ID               Refuse an interface of another chain.
  --heartbeat SECONDS      How often to say that a job still runs; else 5.

Stop it with Ctrl-C: a running job is stopped, paid for until then, and its receipt handed in.
A runner that was killed hands in what it owes when it starts again.
`

export type SellerCommand =
  | { readonly verb: 'help' }
  | { readonly verb: 'key'; readonly keyFile: string }
  | {
      readonly verb: 'run'
      readonly url: string
      readonly keyFile: string
      readonly stateFolder: string | undefined
      readonly chainId: number | undefined
      readonly heartbeatMs: number
      readonly driver: 'process' | 'docker' | 'podman'
    }

const DEFAULT_KEY_FILE = 'data/local/runner.key'
const OPTIONS = {
  api: { type: 'string' },
  key: { type: 'string' },
  state: { type: 'string' },
  chain: { type: 'string' },
  heartbeat: { type: 'string' },
  driver: { type: 'string' },
  'unsafe-process': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const runSchema = z.object({
  api: z.string().regex(/^https?:\/\/[^\s/]+\/?$/, 'is not an address like https://necto.example'),
  chain: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'is not a chain id')
    .transform(Number)
    .optional(),
  heartbeat: z.coerce.number().min(0.1, 'is too often').max(60, 'is too seldom').default(5),
  driver: z.enum(['docker', 'podman'], 'is docker or podman').optional(),
})

/** The command; throws NectoError `seller.usage` that says what is wrong. */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SellerCommand {
  const { values, positionals } = parse(args)
  const [verb, ...rest] = positionals
  if (values.help || verb === undefined || verb === 'help') return { verb: 'help' }
  if (rest.length > 0) throw usage(`I do not know what "${rest[0]}" means here.`)
  const keyFile = values.key ?? env.NECTO_RUNNER_KEY_FILE ?? DEFAULT_KEY_FILE
  if (verb === 'key') return { verb, keyFile }
  if (verb !== 'run') throw usage(`There is no "${verb}"; there are key and run.`)

  const api = values.api ?? env.NECTO_SELLER_API
  if (!api) throw usage('Where is Necto? Give --api URL or set NECTO_SELLER_API.')
  const parsed = runSchema.safeParse({ ...values, api })
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw usage(`--${issue?.path.join('.')} ${issue?.message}.`)
  }
  const { chain, heartbeat, driver } = parsed.data
  const isProcess = values['unsafe-process'] ?? false
  if (isProcess === (driver !== undefined))
    throw usage('Choose one: --driver docker, --driver podman or --unsafe-process.')
  return {
    verb,
    url: parsed.data.api.replace(/\/$/, ''),
    keyFile,
    stateFolder: values.state,
    chainId: chain,
    heartbeatMs: heartbeat * 1000,
    driver: driver ?? 'process',
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause))
  }
}

const usage = (text: string) => new NectoError('seller.usage', `${text}\nSee ./necto seller help.`)
