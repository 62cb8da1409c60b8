"""All that is measured, in the order of the table."""

from benchmarks.results import Column

DOWN_1_64K = Column("down_1_64k", "down, 1 session, 64 KiB writes", "MB/s", "higher")
DOWN_8_64K = Column("down_8_64k", "down, 8 sessions, 64 KiB writes", "MB/s", "higher")
DOWN_1_1K = Column("down_1_1k", "down, 1 session, 1 KiB writes", "MB/s", "higher")
DOWN_8_1K = Column("down_8_1k", "down, 8 sessions, 1 KiB writes", "MB/s", "higher")
CPU_1_64K = Column("cpu_1_64k", "CPU, 1 session, 64 KiB writes", "s/GB", "lower")
CPU_8_64K = Column("cpu_8_64k", "CPU, 8 sessions, 64 KiB writes", "s/GB", "lower")
CPU_1_1K = Column("cpu_1_1k", "CPU, 1 session, 1 KiB writes", "s/GB", "lower")
CPU_8_1K = Column("cpu_8_1k", "CPU, 8 sessions, 1 KiB writes", "s/GB", "lower")

UP = Column("up", "up, 10-byte frames", "frames/s", "higher")

ECHO_P50 = Column("echo_p50", "echo p50", "us", "lower")
ECHO_P99 = Column("echo_p99", "echo p99", "us", "lower")
ECHO_P999 = Column("echo_p999", "echo p99.9", "us", "lower")
PACED_P50 = Column("echo_paced_p50", "echo p50, 8 others at 2.5 MB/s", "us", "lower")
PACED_P99 = Column("echo_paced_p99", "echo p99, 8 others at 2.5 MB/s", "us", "lower")
PACED_P999 = Column("echo_paced_p999", "echo p99.9, 8 others at 2.5 MB/s", "us", "lower")
FLAT_P50 = Column("echo_flat_p50", "echo p50, 8 others flat out", "us", "lower")
FLAT_P99 = Column("echo_flat_p99", "echo p99, 8 others flat out", "us", "lower")
FLAT_P999 = Column("echo_flat_p999", "echo p99.9, 8 others flat out", "us", "lower")

KEY_P50 = Column("key_p50", "key to guest beside slow browser, p50", "us", "lower")
KEY_MAX = Column("key_max", "key to guest beside slow browser, worst", "us", "lower")
KEY_STALE = Column("key_stale", "unread beside slow browser", "MB", "lower")

OPENED = Column("opened", "consoles opened", "1/s", "higher")
OPENED_CPU = Column("opened_cpu", "CPU of a console's opening", "ms", "lower")

IDLE_300 = Column("idle_300", "PSS per session, 300 idle", "KiB", "lower")
IDLE_5000 = Column("idle_5000", "PSS per session, 5,000 idle", "KiB", "lower")
WHOLE_5000 = Column("whole_5000", "PSS in all, 5,000 idle", "MB", "lower")
IDLE_CPU = Column("idle_cpu", "CPU of 1,000 idle sessions", "% of a core", "lower")

SLOW_PSS = Column("slow_pss", "PSS growth, 4 stopped readers", "MB", "lower")
SLOW_TAKEN = Column("slow_taken", "taken of 4 stopped readers' guests", "MB", "lower")
SLOW_P99 = Column("slow_p99", "echo p99 beside 4 stopped readers", "us", "lower")
