import type { Json } from '#libs/contracts'

/** Errors in a flag's variants and rules, each with its pointer. */
export function flagFindings(flag: Json | undefined): string[] {
  const { enabled, variants, rules } = members(flag) ?? {}
  const findings: string[] = []
  if (typeof enabled !== 'boolean') findings.push('`/enabled` must be true or false')
  const named = variants === undefined ? undefined : variantNames(variants)
  const names = named && new Set(named)
  if (variants !== undefined && !names)
    findings.push('`/variants` must be an array of names, an array of objects with a `name`, or an object by name')
  if (rules === undefined) return findings
  if (!Array.isArray(rules)) return [...findings, '`/rules` must be an array']
  return [...findings, ...rules.flatMap((rule, index) => ruleFindings(rule, names, `/rules/${index}`))]
}

function ruleFindings(rule: Json, names: ReadonlySet<string> | undefined, pointer: string): string[] {
  const parts = members(rule)
  if (!parts) return [`\`${pointer}\` must be an object`]
  const { variant, percentage } = parts
  const findings: string[] = []
  if (variant !== undefined && !(typeof variant === 'string' && names?.has(variant)))
    findings.push(`\`${pointer}/variant\` must be one of the flag's variants`)
  if (percentage !== undefined && !(typeof percentage === 'number' && percentage >= 0 && percentage <= 100))
    findings.push(`\`${pointer}/percentage\` must be a number from 0 to 100`)
  return findings
}

function variantNames(variants: Json): string[] | undefined {
  const named = members(variants)
  if (named) return Object.keys(named)
  if (!Array.isArray(variants)) return undefined
  const names = variants.map(variant => (typeof variant === 'string' ? variant : members(variant)?.['name']))
  return names.every(name => typeof name === 'string') ? names : undefined
}

function members(value: Json | undefined): { [key: string]: Json } | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined
}
