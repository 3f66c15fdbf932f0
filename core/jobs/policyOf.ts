// The operator's figures for jobs, from the settings.
import type { Config } from '../config.ts'
import type { Policy } from './context.ts'

// Below this the gas of relaying and settling is out of proportion.
const MIN_DEPOSIT_MICRO_USD = 100_000n

export const policyOf = (config: Config): Policy => ({
  feeBps: config.FEE_BPS,
  quoteSeconds: config.QUOTE_SECONDS,
  startSeconds: config.START_SECONDS,
  scanDeadlineMs: config.SCAN_DEADLINE_MS,
  heartbeatTimeoutSeconds: config.HEARTBEAT_TIMEOUT_SECONDS,
  relayDailyGasWei: BigInt(config.RELAY_DAILY_GAS_BUDGET_GWEI) * 1_000_000_000n,
  minDepositMicroUsd: MIN_DEPOSIT_MICRO_USD,
})
