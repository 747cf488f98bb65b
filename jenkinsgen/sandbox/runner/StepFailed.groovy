/** A step says no in one sentence; the console shows that sentence and no stack trace. */
class StepFailed extends RuntimeException {
    StepFailed(String message) {
        super(message)
    }
}
