import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions

/** Files that exist while a `withCredentials` block runs: WORKSPACE@tmp/secretFiles/UUID, for the owner's eyes only. */
class SecretFiles {
    private final File folder

    SecretFiles(File temporary) {
        folder = new File(temporary, "secretFiles/${UUID.randomUUID()}")
    }

    String write(String name, String content, String mode = 'r--------') {
        folder.parentFile.mkdirs()
        if (!folder.exists()) {
            Files.createDirectory(folder.toPath(), attribute('rwx------'))
        }
        def file = new File(folder, name)
        Files.createFile(file.toPath(), attribute('rw-------'))
        file.setText(content, 'UTF-8')
        Files.setPosixFilePermissions(file.toPath(), PosixFilePermissions.fromString(mode))
        file.path
    }

    void remove() {
        folder.deleteDir()
    }

    private static attribute(String mode) {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
    }
}
