import java.util.concurrent.TimeUnit

/** Runs blocks under a time limit: at its end the running step is interrupted, and once more after the grace. */
class Timeouts {
    static final long GRACE_SECONDS = 60

    private final Console console

    Timeouts(Console console) {
        this.console = console
    }

    /** Calls the body; throws Interrupted when the limit ended it. */
    Object limit(Map arguments, Closure body) {
        def milliseconds = TimeUnit.valueOf(arguments.unit ?: 'MINUTES').toMillis(arguments.time as long)
        console.line("Timeout set to expire in ${say(milliseconds)}")
        def cause = new Interrupted('Timeout has been exceeded', false)
        def timer = startTimer(milliseconds, cause)
        try {
            return body.call()
        } catch (Interrupted error) {
            if (error.is(cause)) {
                console.line('Timeout has been exceeded')
            }
            throw error
        } finally {
            // The holder of the lock is either early enough to be forgotten or too late to interrupt.
            synchronized (cause) {
                timer.cancel()
                cause.over = true
            }
            Flow.current().forget(cause)
        }
    }

    private Timer startTimer(long milliseconds, Interrupted cause) {
        def timer = new Timer(true)
        def flow = Flow.current()
        def interrupt = { String reason ->
            synchronized (cause) {
                if (!cause.over) {
                    console.line(reason)
                    flow.interrupt(cause)
                }
            }
        }
        def grace = TimeUnit.SECONDS.toMillis(GRACE_SECONDS)
        timer.schedule({ interrupt('Cancelling nested steps due to timeout') } as TimerTask, milliseconds)
        timer.schedule({
            interrupt('Body did not finish within grace period; terminating with extreme prejudice')
        } as TimerTask, milliseconds + grace)
        timer
    }

    static String say(long milliseconds) {
        def seconds = milliseconds.intdiv(1000)
        def (hours, minutes) = [seconds.intdiv(3600), seconds.intdiv(60) % 60]
        hours ? "$hours hr $minutes min" : minutes ? "$minutes min ${seconds % 60} sec" : "$seconds sec"
    }
}
