/** Descriptions of the problem responses, by status. */
export const problems = {
  409: 'The pipeline drops an environment that has configuration or a freeze. `errors` names it.',
  412: 'The revision differs from `If-Match`. `revision` has the current one.',
  413: 'The body is larger than 1 MiB.',
  415: 'The Content-Type is not `application/json`.',
  422: 'A rule rejects the request, or the `Idempotency-Key` was used before with a different body or by another actor.',
}

/** The same for key schemas. */
export const schemaProblems = {
  ...problems,
  413: 'The schema is larger than 64 KiB, or the body larger than 1 MiB.',
  429: 'Too many promotions and schemas are being checked. Retry later.',
}
