// The backstop's key is for nothing else: two processes that sign with one key take each other's nonces.
import type { Hex } from 'viem'
import { type Config, requireSettings } from './config.ts'
import { NectoError } from './errors.ts'

/** The key; throws 'config.missing' without one, 'config.same-key' when another part of Necto signs with it. */
export function requireBackstopKey(config: Config): Hex {
  const { BACKSTOP_KEY } = requireSettings(config, ['BACKSTOP_KEY'])
  const others = [config.AGENT_KEY, config.RELAY_KEY, config.QUOTER_KEY, config.STORAGE_KEY]
  if (others.some((key) => key?.toLowerCase() === BACKSTOP_KEY.toLowerCase()))
    throw new NectoError('config.same-key', 'BACKSTOP_KEY is another key of Necto; it needs its own.')
  return BACKSTOP_KEY
}
