/** What became of one stage in one build. */
class StageRun {
    final String name
    Result result = Result.SUCCESS
    boolean skipped = false
    private final long started = System.nanoTime()
    private Long ended

    StageRun(String name) {
        this.name = name
    }

    void end() {
        ended = System.nanoTime()
    }

    Map summary() {
        def seconds = ((ended ?: System.nanoTime()) - started) / 1.0e9
        [name: name, status: skipped ? 'SKIPPED' : result.name(), seconds: seconds.setScale(3, BigDecimal.ROUND_HALF_UP)]
    }
}
