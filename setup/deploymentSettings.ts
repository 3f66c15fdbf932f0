// What only a deployment of the contracts asks for; `necto start` reads none of it.
import { address } from '../core/codecs.ts'
import { optional, type Setting } from '../core/settings.ts'

export const DEPLOYMENT_SETTINGS = [
  optional(
    'DEPLOY_ADMIN',
    address,
    'Owner of the contracts: grants roles, unpauses, sets feeds; keep its key elsewhere',
  ),
  optional('DEPLOY_FEE_RECIPIENT', address, "Where Necto's fee is paid"),
  optional('DEPLOY_USDC_FEED', address, "Chainlink's USDC/USD feed that every funding is checked against"),
  optional('DEPLOY_PRICE_GUARD', address, 'PriceGuard of a deployment that was begun'),
] as const satisfies readonly Setting[]
