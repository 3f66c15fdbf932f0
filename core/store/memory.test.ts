// The memory store keeps the contract.
import { createMemoryStore } from './memory.ts'
import { describeStore } from './storeContract.ts'
import { describeWatch } from './watchContract.ts'

async function create() {
  const store = createMemoryStore()
  return { store, dispose: () => store.close() }
}

describeStore({ name: 'memory', create, modelRuns: 200 })
describeWatch({ name: 'memory', create })
