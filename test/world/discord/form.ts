// Collects what is wrong with a request's fields and refuses them all at once: 50035 with `errors` nested like the body.
import { DiscordError } from './apiError.ts'

type Path = readonly (string | number)[]

export interface Form {
  /** The same form, looking at a field further in. */
  at(...path: Path): Form
  /** Notes a fault of this field. */
  fail(code: string, message: string): void
  /** Throws 50035 if any field had a fault. */
  end(): void
}

interface Fault {
  readonly path: Path
  readonly code: string
  readonly message: string
}

/** A form without faults. */
export function createForm(): Form {
  const faults: Fault[] = []
  const view = (path: Path): Form => ({
    at: (...further) => view([...path, ...further]),
    fail: (code, message) => void faults.push({ path, code, message }),
    end() {
      if (faults.length === 0) return
      throw new DiscordError({ status: 400, code: 50035, message: 'Invalid Form Body', errors: nest(faults) })
    },
  })
  return view([])
}

function nest(faults: readonly Fault[]): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const { path, code, message } of faults) {
    let place = root
    for (const key of path) {
      place[key] ??= {}
      place = place[key] as Record<string, unknown>
    }
    place._errors = [...((place._errors as unknown[] | undefined) ?? []), { code, message }]
  }
  return root
}
