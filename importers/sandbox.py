"""A process closes itself in before it opens a file from outside: no network, no other program, bounded resources.

Works without privileges and inside a chroot. It runs before anything large is imported, because the system-call
filter covers only threads that start after it.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import socket
from dataclasses import dataclass

MEGABYTE = 1 << 20


class NotIsolated(Exception):
    """The process could not shut itself off from the network, so it must not open anything."""


@dataclass(frozen=True)
class Limits:
    """What one reading process may use at most."""

    memory_mb: int = 2048  # address space; 200,000 parcels as GeoJSON take less than 600
    cpu_s: int = 900
    file_mb: int = 8192  # each file that it writes
    open_files: int = 128


# System calls that are refused, with their numbers on x86_64 and aarch64: sockets in every form (io_uring makes them
# too), starting other programs, and reaching into other processes.
_REFUSED_CALLS = {
    "socket": (41, 198),
    "connect": (42, 203),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "io_uring_setup": (425, 425),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "mount": (165, 40),
}
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_CALLS = 0x40000000  # the second numbering of x86_64

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 1, 38, 22, 2
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction))]


def enter(limits: Limits) -> None:
    """Bound this process and shut it off, for good. Raises NotIsolated when the network stays reachable."""
    _bound(limits)
    # Whoever asked is gone: nobody waits for an answer.
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if not _filter_system_calls():
        _leave_the_network()
    if not _isolated():
        raise NotIsolated


def _bound(limits: Limits) -> None:
    for what, most in [
        (resource.RLIMIT_AS, limits.memory_mb * MEGABYTE),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_mb * MEGABYTE),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ]:
        _soft, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def _filter_system_calls() -> bool:
    """Whether the kernel took a filter that answers the listed calls with 'not permitted'."""
    if platform.machine() not in _MACHINES:
        return False
    machine = _MACHINES[platform.machine()]
    column = list(_MACHINES).index(platform.machine())
    checks = [(_JUMP_IF_AT_LEAST, _X32_CALLS)] if platform.machine() == "x86_64" else []
    checks += [(_JUMP_IF_EQUAL, numbers[column]) for numbers in _REFUSED_CALLS.values()]
    program = [
        _Instruction(_LOAD, 0, 0, 4),  # the machine that the call is made for
        _Instruction(_JUMP_IF_EQUAL, 1, 0, machine),
        _Instruction(_RETURN, 0, 0, _KILL),
        _Instruction(_LOAD, 0, 0, 0),  # the call's number
    ]
    # A match jumps over the remaining checks and the final 'allow'.
    program += [_Instruction(jump, len(checks) - position, 0, value) for position, (jump, value) in enumerate(checks)]
    program += [_Instruction(_RETURN, 0, 0, _ALLOW), _Instruction(_RETURN, 0, 0, _REFUSE)]
    instructions = (_Instruction * len(program))(*program)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return not libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(_Program(len(program), instructions)), 0, 0)


def _leave_the_network() -> None:
    """Where system calls cannot be filtered: a network namespace of its own, which has no way out."""
    ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK)


def _isolated() -> bool:
    """Proof by trying: no socket can be made, or there is no interface but a loopback that is down."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # a documentation address; a datagram socket sends nothing on connect
            return False
    except PermissionError:
        return True
    except OSError as failure:
        return failure.errno == errno.ENETUNREACH and [name for _, name in socket.if_nameindex()] == ["lo"]


def quiet_environment(python_path: str) -> dict[str, str]:
    """The environment of a reading process: no address, no password, one thread per library."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": python_path,
        "LANG": "C.UTF-8",
        # Thread pools and arenas reserve address space that is never used.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "GDAL_NUM_THREADS": "1",
        "CPL_LOG": os.devnull,
    }
