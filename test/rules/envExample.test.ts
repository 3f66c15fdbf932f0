// .env.example is made from the table of settings; `npx vitest run -u` writes it anew.
import { expect, test } from 'vitest'
import { envExample } from '../../core/config.ts'

test('.env.example is what the table of settings says', async () => {
  await expect(envExample()).toMatchFileSnapshot('../../.env.example')
})
