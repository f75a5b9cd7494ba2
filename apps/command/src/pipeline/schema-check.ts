import { type Json, MAX_KEY_SCHEMA_BYTES } from '#libs/contracts'
import { bodyProblem, HttpProblem } from '#libs/http'
import { CheckCutOff } from '#libs/key-schemas'
import type { TenantChecks } from './tenant-checks.js'

/** Throws a 400 with each invalid location of a key schema, a 413 if it is too large. */
export async function refuseUnusableSchema(checks: TenantChecks, tenant: string, schema: Json): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > MAX_KEY_SCHEMA_BYTES) {
    throw new HttpProblem(
      413,
      `The schema has ${bytes} bytes of JSON; the limit is ${MAX_KEY_SCHEMA_BYTES}. Make it smaller.`,
    )
  }
  try {
    const findings = await checks.turn(tenant, checks.deadline(), turn => turn.schema(schema))
    if (findings.length > 0) throw bodyProblem(findings)
  } catch (error) {
    if (!(error instanceof CheckCutOff)) throw error
    throw bodyProblem([{ pointer: '', detail: `${error.message} to read: simplify its patterns` }])
  }
}
