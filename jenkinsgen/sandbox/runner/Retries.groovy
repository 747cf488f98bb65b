/** Calls a block until it succeeds, at most so many times; it does not try again after a person's stop. */
class Retries {
    static Object run(Console console, int count, Closure body) {
        for (int left = count - 1; ; left--) {
            try {
                return body.call()
            } catch (Throwable error) {
                if (left <= 0 || (error instanceof Interrupted && error.stop)) {
                    throw error
                }
                console.line("ERROR: $error.message")
                console.line('Retrying')
            }
        }
    }
}
