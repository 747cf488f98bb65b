/** A running step was told to end: by a person, by a timeout, or by a failing neighbour in `parallel`. */
class Interrupted extends RuntimeException {
    /** True when a person wants the build to end; `retry` tries again after a mere timeout inside it. */
    final boolean stop
    /** True when its reason is gone: the block that it would have ended has ended. */
    boolean over = false

    Interrupted(String message, boolean stop) {
        super(message)
        this.stop = stop
    }
}
