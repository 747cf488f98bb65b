/** The console of a build: whole lines to the log file and to standard output, with bound secrets masked. */
class Console implements Closeable {
    private static final String MASK = '****'

    private final OutputStream log
    private final List<String> secrets = []
    boolean timestamps = false

    Console(File file) {
        log = new BufferedOutputStream(new FileOutputStream(file))
    }

    /** Prints text of one or more lines. */
    synchronized void line(Object text) {
        def prefix = timestamps ? "[${new Date().format("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", TimeZone.getTimeZone('UTC'))}] " : ''
        def masked = mask(String.valueOf(text))
        def bytes = masked.split('\n', -1).collect { "$prefix$it\n" }.join('').getBytes('UTF-8')
        [log, System.out].each { OutputStream stream ->
            stream.write(bytes)
            stream.flush()
        }
    }

    void step(String name) {
        line("[Pipeline] $name")
    }

    /** Masks the values, their base64 and the way a shell quotes them, until `reveal` is called with the same. */
    synchronized void conceal(Collection<String> values) {
        secrets.addAll(forms(values))
    }

    synchronized void reveal(Collection<String> values) {
        forms(values).each { secrets.remove((Object) it) }
    }

    synchronized boolean conceals(String text) {
        secrets.any { text.contains(it) }
    }

    void close() {
        log.close()
    }

    private String mask(String text) {
        // A secret may contain another one: the longest goes first.
        secrets.sort(false) { -it.length() }.inject(text) { masked, secret -> masked.replace(secret, MASK) }
    }

    private static List<String> forms(Collection<String> values) {
        values.collectMany { value ->
            // The console is masked line by line, so the lines of a longer secret are secrets of their own.
            [value, value.bytes.encodeBase64().toString(), value.replace("'", "'\\''")] + value.readLines()
        }.findAll { it }.unique()
    }
}
