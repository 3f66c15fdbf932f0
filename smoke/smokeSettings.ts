// What only the smoke test asks for; `necto start` reads none of it.
import { key32 } from '../core/config.ts'
import { optional, type Setting } from '../core/settings.ts'

export const SMOKE_SETTINGS = [
  optional('SMOKE_PAYER_KEY', key32, 'Pays for ./necto smoke: a wallet with a little USDC and nothing else', {
    secret: true,
  }),
] as const satisfies readonly Setting[]
