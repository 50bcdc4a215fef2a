"""Passwords as Argon2 keeps them."""

from argon2 import PasswordHasher, extract_parameters

from sojourn.passwords import DECOY, Argon2


def test_a_password_is_known_again_and_another_is_not() -> None:
    argon = Argon2()
    kept = argon.hash("correct horse battery")
    assert "correct" not in kept
    assert argon.verify(kept, "correct horse battery")
    assert not argon.verify(kept, "correct horse batterz")
    assert not argon.verify("no hash at all", "correct horse battery")


def test_for_nobody_the_same_work_is_done() -> None:
    assert extract_parameters(DECOY) == extract_parameters(PasswordHasher().hash("x"))
    assert not Argon2().verify(None, "x")


def test_what_was_kept_with_less_is_dated() -> None:
    assert Argon2().is_dated(PasswordHasher(time_cost=1, memory_cost=8_192).hash("x"))
    assert not Argon2().is_dated(Argon2().hash("x"))
