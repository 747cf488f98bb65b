/** Copies a growing file to the console, line by line. */
class Tail {
    private final RandomAccessFile file
    private final Console console
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream()

    Tail(File file, Console console) {
        file.createNewFile()
        this.file = new RandomAccessFile(file, 'r')
        this.console = console
    }

    /** Shows the lines that are complete by now. */
    void copy() {
        byte[] chunk = new byte[65536]
        boolean more = false
        for (int count = file.read(chunk); count > 0; count = file.read(chunk)) {
            partial.write(chunk, 0, count)
            more = true
        }
        if (more) {
            showLines()
        }
    }

    private void showLines() {
        byte[] bytes = partial.toByteArray()
        int end = bytes.findLastIndexOf { it == (byte) '\n' as char } + 1
        if (end > 0) {
            console.line(new String(bytes, 0, end - 1, 'UTF-8'))
            partial.reset()
            partial.write(bytes, end, bytes.length - end)
        }
    }

    /** Shows what is left; a last line without a newline gets one. */
    void finish() {
        copy()
        if (partial.size() > 0) {
            console.line(new String(partial.toByteArray(), 'UTF-8'))
        }
        file.close()
    }
}
