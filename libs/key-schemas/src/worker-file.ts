/** The entry file of a thread, beside this file after compilation. Tests replace it (jest.config.mjs). */
export const workerFile = new URL('./worker.js', import.meta.url)
