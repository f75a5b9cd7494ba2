import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type ImportLine, lineOf } from '../api/imported/generated.js'
import { describeWith, realFile } from './real-data.js'

const file = realFile('govuk-deployments.jsonl.gz')

/** Describes tests of the real deployments; without them, they are skipped. */
export const describeDeployments = describeWith([file])

/**
 * 77,016 real deployments of GOV.UK, in the order in which they happened; each a success that started and finished at once;
 * none where they do not lie beside the project.
 */
export function realDeployments(): ImportLine[] {
  if (!existsSync(file)) return []
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  return lines.map(line => {
    const { at, application, environment, imageTag, actor, gitopsCommit } = JSON.parse(line) as Record<string, string>
    return lineOf({
      at: at!,
      application: application!,
      environment: environment!,
      imageTag: imageTag!,
      actor: actor!,
      gitopsCommit: gitopsCommit!,
    })
  })
}
