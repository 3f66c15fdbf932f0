// .env.example is made from the table of settings; `npx vitest run -u` writes it anew.
import { expect, test } from 'vitest'
import { SETTINGS } from '../../core/config.ts'
import { providerSettings } from '../../core/providers/registry.ts'
import { envExample } from '../../core/settings.ts'

test('.env.example is what the table of settings says', async () => {
  await expect(envExample([...SETTINGS, ...providerSettings])).toMatchFileSnapshot('../../.env.example')
})
