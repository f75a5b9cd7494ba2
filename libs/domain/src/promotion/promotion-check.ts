import type {
  CheckedContent,
  CheckedEntry,
  PatternSchema,
  PromotedKey,
  PromotionFinding,
  ValueFindings,
} from '#libs/contracts'
import type { PipelineSettings } from '../pipeline/pipeline.js'
import { error, warning } from './promotion-content.js'

/** Limits of the findings of a validation: number, and bytes of JSON. They are in an event and in every response. */
const MOST_FINDINGS = { count: 1000, bytes: 256 * 1024 }

/** The key schemas, and the entries that a promotion would write. */
export function valueCheck(
  content: readonly PromotedKey[],
  { keySchemas }: Pick<PipelineSettings, 'keySchemas'>,
): { schemas: PatternSchema[]; entries: CheckedEntry[] } {
  const schemas = Object.entries(keySchemas).map(([pattern, schema]) => ({ pattern, schema }))
  const entries = content.flatMap(({ kind, key, source }): CheckedEntry[] => {
    if (kind !== 'configuration' || !source) return []
    return [source.sealed ? { key, secret: true } : { key, value: source.value }]
  })
  return { schemas, entries }
}

/** Adds the findings of the key schemas, up to the limits. */
export function withValueFindings(
  { content, contentHash, findings }: CheckedContent,
  { schemas, entries }: ReturnType<typeof valueCheck>,
  found: ValueFindings,
): CheckedContent {
  const ofValues = found.findings.map((finding): PromotionFinding => {
    const { pattern } = schemas[finding.schema]!
    switch (finding.kind) {
      case 'secret':
        return warning(
          `is a secret, so its value was not checked against the schema of ${pattern}`,
          entries[finding.entry]!.key,
        )
      case 'misfit': {
        const location = finding.pointer && `\`${finding.pointer}\` `
        return error(`${location}${finding.detail} (schema of ${pattern})`, entries[finding.entry]!.key)
      }
      case 'unusable':
        return error(`the schema of ${pattern} is invalid and cannot check any value: ${finding.detail}. Replace it`)
      default:
        return finding satisfies never
    }
  })
  return { content, contentHash, findings: bounded([...findings, ...ofValues], found.more) }
}

/** Adds an error for a check that exceeded its time or memory. */
export function withCutOff(checked: CheckedContent, detail: string): CheckedContent {
  return { ...checked, findings: bounded([...checked.findings, error(detail)], 0) }
}

/** The findings up to the limits; errors come first if some are omitted. @param more number of findings that are omitted already */
function bounded(findings: PromotionFinding[], more: number): PromotionFinding[] {
  const isError = ({ severity }: PromotionFinding) => severity === 'error'
  const ordered = [...findings.filter(isError), ...findings.filter(finding => !isError(finding))]
  let bytes = 0
  const room = ordered.findIndex((finding, index) => {
    bytes += Buffer.byteLength(JSON.stringify(finding))
    return index >= MOST_FINDINGS.count || bytes > MOST_FINDINGS.bytes
  })
  if (room < 0 && more === 0) return findings
  const kept = room < 0 ? ordered : ordered.slice(0, room)
  const left = ordered.length - kept.length + more
  return [
    ...kept,
    { severity: findings.some(isError) ? 'error' : 'warning', detail: `${left} more findings are omitted` },
  ]
}
