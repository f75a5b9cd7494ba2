import type { CheckedEntry, KeySelection, PatternSchema, ValueFinding, ValueFindings } from '#libs/contracts'
import type { Check, SchemaFinding } from './messages.js'
import { globMatcher } from './glob.js'
import { forgetPatterns, interpret } from './interpret.js'
import { prepare } from './prepare.js'

/** Limit of the findings of one check; the others are counted. */
const MOST_FINDINGS = 1000

/**
 * Runs a check; piscina calls it in each of its threads. The duration depends on the tenant's schemas, globs and values. A thread has no
 * environment variables, and no data but its message.
 */
export default function check(request: Check): SchemaFinding[] | KeySelection | ValueFindings {
  switch (request.kind) {
    case 'schema': {
      const prepared = prepare(request.schema)
      return 'findings' in prepared ? prepared.findings : []
    }
    case 'select':
      return select(request.globs, request.keys)
    case 'values':
      return new ValueCheck(request.schemas, request.entries).run(request.progress)
    default:
      return request satisfies never
  }
}

function select(globs: string[], keys: string[]): KeySelection {
  const selected = new Uint8Array(keys.length)
  const unmatched = globs.flatMap((glob, index) => {
    const matches = globMatcher(glob)
    let any = false
    for (const [position, key] of keys.entries()) {
      // A selected key must be matched again only while this glob has matched none.
      if ((selected[position] && any) || !matches(key)) continue
      selected[position] = 1
      any = true
    }
    return any ? [] : [index]
  })
  return { keys: keys.flatMap((_, position) => (selected[position] ? [position] : [])), unmatched }
}

class ValueCheck {
  private readonly findings: ValueFinding[] = []
  private more = 0

  constructor(
    private readonly schemas: PatternSchema[],
    private readonly entries: CheckedEntry[],
  ) {}

  run(progress: Int32Array): ValueFindings {
    for (const [index, schema] of this.schemas.entries()) {
      Atomics.store(progress, 0, index)
      this.check(schema, index)
    }
    return { findings: this.findings, more: this.more }
  }

  private check({ pattern, schema }: PatternSchema, index: number): void {
    const matches = globMatcher(pattern)
    const matching = this.entries.flatMap((entry, position) => (matches(entry.key) ? [{ ...entry, position }] : []))
    if (matching.length === 0) return
    forgetPatterns()
    const prepared = prepare(schema)
    if ('findings' in prepared) {
      const [finding] = prepared.findings
      const { pointer, detail } = finding!
      return this.add({ schema: index, kind: 'unusable', detail: pointer ? `\`${pointer}\` ${detail}` : detail })
    }
    for (const { position, secret, value } of matching) {
      if (secret) {
        this.add({ schema: index, kind: 'secret', entry: position })
        continue
      }
      try {
        const misfit = interpret(prepared, value!)
        if (misfit) this.add({ schema: index, kind: 'misfit', entry: position, ...misfit })
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        return this.add({ schema: index, kind: 'unusable', detail: 'has endless recursion' })
      }
    }
  }

  private add(finding: ValueFinding): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding)
    else this.more++
  }
}
