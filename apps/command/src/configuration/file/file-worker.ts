/** The entry file of a thread, beside this file after compilation. Tests replace it (jest.config.mjs). */
export const fileWorker = new URL('./file-task.js', import.meta.url)
