import {
  configurationId,
  hashJson,
  resolveEnvironment,
  type ConfigurationEntry,
  type ConfigurationKind,
  type KeySelection,
  type Pipeline,
  type PromotedKey,
  type PromotionFinding,
  type PromotionRequest,
} from '#libs/contracts'
import {
  entryOf,
  inClear,
  existingKeys,
  revisionOf,
  sameValue,
  type Configuration,
} from '../configuration/configuration-state.js'
import { configurationName } from '../configuration/configuration-name.js'
import { flagFindings } from '../configuration/flag-rules.js'
import type { PipelineSettings } from '../pipeline/pipeline.js'

/** The source, the target and the pipeline settings of a promotion. */
export interface PromotionContext {
  tenant: string
  source: Configuration
  target: Configuration
  settings: PipelineSettings
}

export const error = (detail: string, key?: string): PromotionFinding => ({
  severity: 'error',
  ...(key !== undefined && { key }),
  detail,
})
export const warning = (detail: string, key?: string): PromotionFinding => ({
  ...error(detail, key),
  severity: 'warning',
})

/** Findings of the present pipeline. */
export function pipelineFindings({ sourceEnvironment, targetEnvironment }: PromotionRequest, pipeline: Pipeline) {
  const names = pipeline.environments.map(({ name }) => name)
  const from = names.indexOf(resolveEnvironment(pipeline, sourceEnvironment))
  const to = names.indexOf(resolveEnvironment(pipeline, targetEnvironment))
  const outside = [
    ...(from < 0 ? [sourceEnvironment] : []),
    ...(to < 0 && targetEnvironment !== sourceEnvironment ? [targetEnvironment] : []),
  ].map(name => error(`${name} is not in the pipeline (${names.join(' -> ')})`))
  if (outside.length > 0) return outside
  if (from === to) return [error(`source and target are the same environment: ${names[to]}`)]
  if (from > to)
    return [error(`${names[from]} -> ${names[to]} is against the order of the pipeline (${names.join(' -> ')})`)]
  if (to - from > 1 && !pipeline.allowSkipping)
    return [
      error(
        `${names[from]} -> ${names[to]} skips ${names.slice(from + 1, to).join(', ')}, which the pipeline does not allow`,
      ),
    ]
  return []
}

/** The globs of a promotion and the keys that they select from; both are empty for a FULL promotion. */
export function globSelection(
  { promotionType, keyPatterns = [] }: PromotionRequest,
  { source }: Pick<PromotionContext, 'source'>,
) {
  const globs = promotionType === 'FULL' ? [] : keyPatterns
  return { globs, keys: globs.length === 0 ? [] : existingKeys(source, 'configuration') }
}

/**
 * The content of a promotion, and its findings without those of the key schemas.
 *
 * @param selected result of `globSelection`
 */
export function contentOf(request: PromotionRequest, context: PromotionContext, selected: KeySelection) {
  const { source, target, settings } = context
  const selection = select(request, context, selected)
  const content = selection.keys
    .map(([kind, key]): PromotedKey => {
      const from = entryOf(source, kind, key)
      const to = entryOf(target, kind, key)
      const targetRevision = revisionOf(target, kind, key)
      return { kind, key, ...(from && { source: from }), ...(to && { target: to }), targetRevision }
    })
    .filter(({ source, target }) => !sameValue(source, target))
  const nothing = selection.keys.length > 0 && content.length === 0 && !request.image
  const findings = [
    ...pipelineFindings(request, settings.pipeline),
    ...selection.findings,
    ...(nothing
      ? [warning('all selected keys are equal in both environments: executing the promotion changes nothing')]
      : []),
    ...content.flatMap(deletionFindings),
    ...content.flatMap(key => disclosureFindings(key, target)),
    ...content.flatMap(flagRuleFindings),
  ]
  return { content, contentHash: contentHashOf(request, content), findings }
}

/**
 * The hash that approvals refer to. It includes secrets by their keyed hash, so that encrypting the same value again does not change it.
 */
function contentHashOf({ image, ...request }: PromotionRequest, content: PromotedKey[]): string {
  const hashable = (entry: ConfigurationEntry | undefined) =>
    entry?.sealed ? { ...entry, sealed: entry.sealed.hash } : (entry ?? null)
  return hashJson({
    source: request.sourceEnvironment,
    target: request.targetEnvironment,
    image: image ?? null,
    keys: content.map(({ kind, key, source, target, targetRevision }) => {
      return [kind, key, hashable(source), hashable(target), targetRevision]
    }),
  })
}

type Selected = [ConfigurationKind, string]

function select(
  request: PromotionRequest,
  { tenant, source, target, settings }: PromotionContext,
  selected: KeySelection,
) {
  const { promotionType, configIds = [], flagIds = [], keyPatterns = [], deleteRemoved, image } = request
  const keysOf = (kind: ConfigurationKind) => existingKeys(source, kind)
  const findings: PromotionFinding[] = []
  const chosen = new Map<string, Selected>()
  const choose = (kind: ConfigurationKind, keys: string[]) =>
    keys.forEach(key => chosen.set(JSON.stringify([kind, key]), [kind, key]))
  const environment = configurationName(settings, request.sourceEnvironment)
  const byIds = (kind: ConfigurationKind, ids: string[]) => {
    if (ids.length === 0) return
    const keys = new Map(keysOf(kind).map(key => [configurationId(tenant, environment, kind, key), key]))
    for (const id of ids) {
      const key = keys.get(id.toLowerCase())
      if (key === undefined)
        findings.push(error(`the ${kind} ${id} does not exist in ${request.sourceEnvironment}`, id))
      else choose(kind, [key])
    }
  }
  if (promotionType === 'FULL') {
    if (configIds.length + flagIds.length + keyPatterns.length > 0)
      findings.push(warning('a FULL promotion ignores `configIds`, `flagIds` and `keyPatterns`'))
    for (const kind of ['configuration', 'flag'] as const) {
      choose(kind, keysOf(kind))
      if (deleteRemoved) choose(kind, existingKeys(target, kind))
    }
  } else {
    byIds('configuration', configIds)
    byIds('flag', flagIds)
    const { globs, keys } = globSelection(request, { source })
    for (const glob of selected.unmatched.map(index => globs[index]!))
      findings.push(warning(`no key in ${request.sourceEnvironment} matches ${glob}`, glob))
    const matched = selected.keys.map(index => keys[index]!)
    choose('configuration', matched)
  }
  if (chosen.size === 0 && !image) findings.push(error('the selection is empty: no key matches'))
  return { keys: [...chosen.values()].toSorted(byKindAndKey), findings }
}

function byKindAndKey([kindA, keyA]: Selected, [kindB, keyB]: Selected): number {
  if (kindA !== kindB) return kindA < kindB ? -1 : 1
  return keyA < keyB ? -1 : 1
}

function deletionFindings({ key, source }: PromotedKey): PromotionFinding[] {
  return source ? [] : [warning('will be deleted in the target', key)]
}

/** Warnings for the approvers: the promotion copies whether a key is a secret together with its value. */
function disclosureFindings({ kind, key, source, target }: PromotedKey, into: Configuration): PromotionFinding[] {
  if (source?.sealed && !target?.sealed && inClear(into, kind, key))
    return [
      warning(
        'becomes a secret in the target, but the log has its earlier values in plain text: rotate the secret',
        key,
      ),
    ]
  if (!target?.sealed || !source || source.sealed) return []
  return [
    warning('is a secret in the target but not in the source: the promoted value will be readable in the target', key),
  ]
}

function flagRuleFindings({ kind, key, source }: PromotedKey): PromotionFinding[] {
  return kind === 'flag' && source ? flagFindings(source.value).map(detail => error(detail, key)) : []
}
