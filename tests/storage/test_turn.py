"""Whoever waits for the turn to write gets it next."""

import threading

from sojourn.storage.turn import Turn


def test_somebody_who_waits_gets_it_though_another_comes_back_at_once() -> None:
    turn, had = Turn(), threading.Event()

    def once() -> None:
        with turn:
            had.set()

    waiting = threading.Thread(target=once)
    with turn:
        waiting.start()
        while not turn._door.locked():
            pass
    rounds = 0
    while not had.is_set():
        with turn:
            rounds += 1
    waiting.join()
    assert rounds <= 1


def test_it_is_waited_for_only_so_long() -> None:
    turn = Turn()
    assert turn.take(1)
    assert not turn.take(0.01)
    turn.give()
    assert turn.take(0.01)


def test_who_waits_behind_one_who_waits_gives_up_in_time_too() -> None:
    turn = Turn()
    with turn:
        first = threading.Thread(target=turn.take, args=(30,))
        first.start()
        while not turn._door.locked():
            pass
        assert not turn.take(0.01)
    first.join()
