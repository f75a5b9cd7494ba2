import { type Json, MAX_KEY_SCHEMA_BYTES } from '#libs/contracts'
import { bodyProblem, HttpProblem } from '#libs/http'
import { CheckCutOff } from '#libs/key-schemas'
import type { TenantChecks } from './tenant-checks.js'

/** Throws a 400 that names each place of a schema by which no value can be checked, and a 413 for a schema that is too large. */
export async function refuseUnusableSchema(checks: TenantChecks, tenant: string, schema: Json): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > MAX_KEY_SCHEMA_BYTES) {
    throw new HttpProblem(
      413,
      `The schema has ${bytes} bytes of JSON, more than ${MAX_KEY_SCHEMA_BYTES}: make it smaller.`,
    )
  }
  try {
    const findings = await checks.turn(tenant, checks.deadline(), turn => turn.schema(schema))
    if (findings.length > 0) throw bodyProblem(findings)
  } catch (error) {
    if (!(error instanceof CheckCutOff)) throw error
    throw bodyProblem([{ pointer: '', detail: `${error.message} to be read: make its patterns simpler` }])
  }
}
