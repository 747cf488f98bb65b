/** A running step was told to end: by a person, by a timeout, or by a failing neighbour in `parallel`. */
class Interrupted extends RuntimeException {
    /** True when somebody wants the build to end; `retry` tries again after a mere timeout inside it. */
    final boolean stop

    Interrupted(String message, boolean stop) {
        super(message)
        this.stop = stop
    }
}
