import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.agent.probes.mpls import checksum, labels, old_labels


def extension(*objects: bytes, version: int = 2, summed: bool = True) -> bytes:
    bare = struct.pack("!BxH", version << 4, 0) + b"".join(objects)
    return bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:] if summed else bare


def stack(*entries: int, number: int = 1, kind: int = 1) -> bytes:
    return struct.pack(f"!HBB{len(entries)}I", 4 + 4 * len(entries), number, kind, *entries)


SEED = 301472 << 12 | 1 << 8 | 1
INTERFACE = stack(7, 8, 9, number=2, kind=5)  # RFC 5837: another object that routers send


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (extension(stack(SEED)), ("L=301472,E=0,S=1,T=1",)),
        (extension(stack(SEED), summed=False), ("L=301472,E=0,S=1,T=1",)),
        (
            extension(stack(16004 << 12 | 5 << 9 | 1, 0xFFFFFFFF)),
            ("L=16004,E=5,S=0,T=1", "L=1048575,E=7,S=1,T=255"),
        ),
        (extension(INTERFACE, stack(SEED)), ("L=301472,E=0,S=1,T=1",)),
        (extension(INTERFACE), ()),
        (extension(), ()),
        (extension(stack(SEED), version=1), ()),
        (extension(stack(SEED))[:-1] + b"\x09", ()),  # a wrong checksum
        (extension(stack(SEED))[:3], ()),
        (extension(struct.pack("!HBBI", 400, 1, 1, SEED)), ()),  # longer than the packet
        (extension(struct.pack("!HBBI", 0, 1, 1, SEED)), ()),  # would never end
        (b"", ()),
    ],
)
def test_it_reads_the_stack_outermost_first_and_nothing_else(payload: bytes, expected: tuple[str, ...]) -> None:
    assert labels(b"quoted" + payload, 6) == expected


@pytest.mark.parametrize("stripped", [20, 28, 40, 48])
def test_a_router_without_a_length_has_its_stack_behind_128_bytes_of_the_quoted_packet(stripped: int) -> None:
    quoted = bytes(128 - stripped)
    assert old_labels(quoted + extension(stack(SEED)), stripped) == ("L=301472,E=0,S=1,T=1",)
    assert old_labels(quoted + extension(stack(SEED), summed=False), stripped) == ()
    assert old_labels(quoted, stripped) == ()


@given(st.binary(max_size=300), st.integers(0, 300))
def test_whatever_comes_is_read_without_harm(payload: bytes, start: int) -> None:
    assert isinstance(labels(payload, start), tuple)
    assert isinstance(old_labels(payload, min(start, 48)), tuple)
    assert isinstance(labels(extension(payload), 0), tuple)


@given(st.binary(max_size=99))
def test_the_checksum_of_data_with_its_checksum_is_zero(data: bytes) -> None:
    even = data + b"\0" * (len(data) % 2)
    assert checksum(even + struct.pack("!H", checksum(even))) in (0, 0xFFFF)
