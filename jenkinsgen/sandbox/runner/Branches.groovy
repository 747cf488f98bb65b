import java.util.concurrent.CountDownLatch

/** Runs blocks side by side, each in a flow of its own, and waits for all of them. */
class Branches {
    private final Build build
    private final boolean failFast
    private final Map<String, Flow> flows = [:].asSynchronized()
    private final Map<String, Throwable> errors = [:].asSynchronized()

    Branches(Build build, boolean failFast) {
        this.build = build
        this.failFast = failFast
    }

    /** Throws the first branch's own failure, or the interrupt when there is nothing else. */
    void run(Map<String, Closure> branches) {
        def context = build.context()
        def begun = new CountDownLatch(branches.size())
        def threads = branches.collect { name, body -> Thread.start { branch(name, context, begun, body) } }
        begun.await()
        threads.each { join(it) }
        def failed = errors.values().find { !(it instanceof Interrupted) } ?: errors.values().find()
        if (failed) {
            throw failed
        }
    }

    private void branch(String name, Context context, CountDownLatch begun, Closure body) {
        flows[name] = Flow.begin(context)
        begun.countDown()
        try {
            body.call()
        } catch (Throwable error) {
            errors[name] = error
            // A person's stop has reached every branch already; a second one would hit their `post`.
            if (failFast && errors.size() == 1 && !(error instanceof Interrupted && error.stop)) {
                interruptOthers(name)
            }
        }
    }

    private void interruptOthers(String failed) {
        build.console.line("Failed in branch $failed")
        flows.findAll { name, flow -> name != failed && !errors.containsKey(name) }.values().each { Flow flow ->
            flow.interrupt(new Interrupted("Failed in branch $failed", true))
        }
    }

    /** An interrupt of the waiting flow is one of every branch. */
    private void join(Thread thread) {
        while (thread.isAlive()) {
            try {
                thread.join()
            } catch (InterruptedException ignored) {
                def cause = Flow.current().takeInterrupt()
                flows.values()*.interrupt(cause)
            }
        }
    }
}
