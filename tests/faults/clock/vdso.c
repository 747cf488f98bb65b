/* The part of the kernel's vDSO that Go programs ask for the time, with the clock of the day wrong by OFFSET seconds.

   The kernel has one such clock for all containers, and Go never calls the C library, which other tricks replace. */

struct timespec {
    long tv_sec, tv_nsec;
};

enum { CLOCK_REALTIME = 0, CLOCK_REALTIME_COARSE = 5, CLOCK_GETTIME = 228 };

long __vdso_clock_gettime(long clock, struct timespec *time)
{
    long result = CLOCK_GETTIME;
    __asm__ volatile("syscall" : "+a"(result) : "D"(clock), "S"(time) : "rcx", "r11", "memory");
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        time->tv_sec += OFFSET;
    return result;
}
