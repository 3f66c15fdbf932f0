// What a worker thread is told that may be killed at any moment.

/**
 * For the `env` of such a thread: a native addon that it is loading when it is killed, or when the process exits, aborts
 * the whole process (bufferutil: "Init: Assertion `status == napi_ok' failed"). The `ws` of the SDKs does without.
 */
export const WITHOUT_NATIVE_ADDONS = { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' } as const
