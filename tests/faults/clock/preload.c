/* Preloaded into a dynamically linked Go program: before its runtime starts, the kernel's word about where the vDSO
   lies (in the auxiliary vector, which follows the environment) is replaced by the file that VDSO names. */

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern char **environ;

__attribute__((constructor)) static void replace_vdso(void)
{
    const char *path = getenv("VDSO");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *image = mmap(NULL, (size_t)lseek(file, 0, SEEK_END), PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    close(file);
    char **end = environ;
    while (*end)
        end++;
    for (Elf64_auxv_t *entry = (Elf64_auxv_t *)(end + 1); image != MAP_FAILED && entry->a_type != AT_NULL; entry++)
        if (entry->a_type == AT_SYSINFO_EHDR)
            entry->a_un.a_val = (unsigned long)image;
}
