import type { SafetyCheck } from '#libs/api'
import type { PresentedRecord } from '#libs/read-models'

/** The OCI registry in which images are looked up. */
export interface ImageRegistryOptions {
  /** Base URL, which may contain a user and a password; `undefined` if no registry is configured. */
  url?: string
  timeoutMs?: number
}

const TIMEOUT_MS = 2000

// A registry responds with 404 for a manifest of a type that `Accept` does not list.
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

type Image = Pick<PresentedRecord, 'application' | 'image' | 'imageTag'>

/** Checks whether a registry has an image. */
export class ImageRegistry {
  constructor(private readonly options: ImageRegistryOptions) {}

  /** `pass`: the registry has the image; `fail`: it does not; `unknown`: no certain response. Never rejects; takes two seconds at most. */
  async check(image: Image): Promise<SafetyCheck> {
    const { url, timeoutMs = TIMEOUT_MS } = this.options
    const name = nameOf(image)
    const tag = image.imageTag
    const imageCheck = (result: SafetyCheck['result'], detail: string): SafetyCheck => ({
      name: 'image',
      result,
      detail,
    })
    if (url === undefined) return imageCheck('unknown', 'No registry is configured (SHIPLOG_REGISTRY_URL).')
    if (!NAME.test(name) || !TAG.test(tag)) return imageCheck('unknown', `${name}:${tag} is not a valid image name.`)
    const base = new URL(url)
    const at = base.host
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const { status } = await fetch(new URL(`v2/${name}/manifests/${tag}`, baseOf(base)), {
        method: 'HEAD',
        headers: { Accept: MANIFESTS.join(', '), ...authorization(base) },
        signal,
      })
      if (status === 200) return imageCheck('pass', `The registry at ${at} has ${name}:${tag}.`)
      if (status === 404) return imageCheck('fail', `The registry at ${at} does not have ${name}:${tag}.`)
      return imageCheck('unknown', `The registry at ${at} responded with ${status} for ${name}:${tag}.`)
    } catch {
      const why = signal.aborted ? `did not respond within ${timeoutMs} ms` : 'cannot be reached'
      return imageCheck('unknown', `The registry at ${at} ${why}.`)
    }
  }
}

/**
 * Repository of an image without host, tag and digest; the application if no image was recorded. A first part with a dot or a
 * colon, or `localhost`, is a host.
 */
function nameOf({ image, application }: Image): string {
  if (image === undefined) return application
  const parts = image.split('@', 1)[0]!.split('/')
  if (parts.length > 1 && /[.:]|^localhost$/.test(parts[0]!)) parts.shift()
  return parts.join('/').replace(/:[^/:]*$/, '')
}

// Without user and password, which fetch refuses in a URL, and with a final slash, so that relative URLs keep its last part.
function baseOf(url: URL): URL {
  const base = new URL(url)
  base.username = ''
  base.password = ''
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}
