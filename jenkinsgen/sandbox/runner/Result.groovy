/** How a build, a stage or a step can end, from best to worst. */
enum Result {
    SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED

    Result worst(Result other) {
        other.ordinal() > ordinal() ? other : this
    }

    static Result of(Throwable error) {
        error instanceof Interrupted ? ABORTED : FAILURE
    }
}
