// AWS access from the settings; without both halves of the credentials there is none, and the provider says so.
import type { Config } from '../config.ts'
import type { ProviderDeps } from './registry.ts'

export function awsOf(config: Config): ProviderDeps['aws'] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config
  return {
    regions: config.AWS_REGIONS,
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
  }
}
