// Vitest: unit, property, end-to-end and browser tests, each a project of its own so that `--project` picks one.
// Time limits are there to end a hang, so they are far above what a busy machine needs.
import { defineConfig } from 'vitest/config'

const beside = [
  'core/**/*.test.ts',
  'bots/**/*.test.ts',
  'keeper/**/*.test.ts',
  'contracts/**/*.test.ts',
  'setup/**/*.test.ts',
  'test/world/**/*.test.ts',
  'test/rules/**/*.test.ts',
]

// The long campaign of test/crash (`npm run crash`).
const isLong = process.env.CRASH_CAMPAIGN === 'long'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: beside, testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/crash/**/*.test.ts', 'smoke/**/*.test.ts'],
          testTimeout: isLong ? 3_600_000 : 180_000,
          hookTimeout: 180_000,
        },
      },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
    ],
  },
})
