/** The tags of the API document in their order; an app's document has those that it uses. */
export const tags = [
  { name: 'deployments', description: 'Record deployments and rollbacks, and read their history and current state.' },
  {
    name: 'incidents',
    description: 'Record incidents, which count as failures of the deployments to which they belong.',
  },
  { name: 'drift', description: 'Compare the applications and the configuration of environments.' },
  { name: 'metrics', description: 'Read DORA metrics, explain them, and find what changed them.' },
  { name: 'promotions', description: 'Copy configuration between environments in reviewed steps, along the pipeline.' },
  { name: 'configuration', description: 'Read and write the configurations and feature flags of environments.' },
  { name: 'commands', description: 'Follow writes that the log had not confirmed when they were accepted.' },
  { name: 'system', description: 'Operate the service: health, metrics and the state of the log.' },
]

/** Introduction of the API document, in Markdown. */
export const introduction = `An event-sourced ledger of deployments, rollbacks and promotions.

## First call

Record a deployment, then read it back:

\`\`\`sh
curl -s -i http://localhost:8888/api/v1/platform/deployments -H 'Content-Type: application/json' \\
  -d '{"environment": "dev", "imageTag": "v1.0.0", "deployedAt": "2026-02-12T10:00:00Z"}'
curl -s 'http://localhost:8888/api/v1/platform/deployments/history?environment=dev'
\`\`\`

## Tenants

The header \`X-Tenant-ID\` selects the tenant; without it, the tenant is \`default\`. Tenants share nothing: no operation of this API
but those of the tag system reads data of another one.

## Identity

\`X-User-ID\` and \`X-User-Email\` name the person or system that acts, and are recorded with each event. The service believes these
headers and the tenant's: a proxy in front of it must authenticate clients and set them.

## Positions

Each write responds with its position in the log (\`Shiplog-Position\`). Reads come from tables that follow the log, usually within
milliseconds. Send a position as \`Shiplog-Min-Position\` with a read to see at least everything up to it. Positions are opaque: do not parse
or compare them.

A write that Kafka has not confirmed in time responds with 202 and the URL of its command, which tells when it is in the log. Send an
\`Idempotency-Key\` with a write to make retries safe.

## Time

Instants are RFC 3339 with a zone, and are returned in UTC. Many reads take \`asOf\` (the state at that time, by all that is known now) and
\`knownAt\` (by what had been recorded by then).

## Lists

Lists are paged: \`limit\` is the page size, and the header \`Link\` has the URL of the next page. The last page has no \`Link\`.

## Compatibility

Later versions may add members to objects of responses and values to \`enum\`s. Ignore those that you do not know.

## Errors

Errors are \`application/problem+json\` (RFC 9457): \`type\` identifies the problem, \`detail\` says what failed and what to do, \`errors\` names the
places in the request, and \`requestId\` finds the request in the logs. Any request may also get 408, 414, 417, 421, 429 or 431.
\`docs/problems.md\`, in the source of Shiplog, lists all problem types with causes and remedies.
`
