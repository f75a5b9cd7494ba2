/** How the environments of the real data are promoted: from one to the next. */
export const realPipeline = { environments: ['integration', 'staging', 'production'], aliases: {} }
